/** An entry of a webhook's `matchConditions`: kube-apiserver (1.30 or later) asks only about writes for which it holds. */
export interface MatchCondition {
  readonly name: string;
  /** CEL over `request`, `object` and `oldObject`. */
  readonly expression: string;
}

/**
 * What pin is asked about: a new Application with an operation, or with the state of one in its status, and an
 * operation that appears or changes.
 */
export const PIN_CONDITION: MatchCondition = {
  name: 'an-operation-is-asked-for',
  expression: `request.operation == 'CREATE'
  ? object.?operation.orValue(null) != null || object.?status.?operationState.orValue(null) != null
  : object.?operation.orValue(null) != null && object.?operation != oldObject.?operation`,
};

/**
 * What the gate is asked about. An Application has no status subresource: each of the controller's status patches is
 * an UPDATE, and one that is refused holds a worker for ever. So of those that come beside an unchanged operation and
 * spec, only a state that Argo CD would execute (neither completed nor terminating) counts, and of that only what is
 * neither the operation that was asked for nor what was being executed before: its operation, and its result, which is
 * executed before that. Of an operation its sync and `retry.refresh` decide what is deployed; the rest the controller
 * notes otherwise than people write it, such as an `initiatedBy` that nobody wrote. A state that was completed or terminating executed nothing: what stood in it was never judged,
 * whoever wrote it.
 */
export const GATE_CONDITION: MatchCondition = {
  name: 'something-would-be-deployed',
  expression: `request.operation == 'CREATE'
  ? object.?operation.orValue(null) != null || object.?status.?operationState.orValue(null) != null
  : object.?operation.orValue(null) != null && (
      object.?operation != oldObject.?operation ||
      object.?spec != oldObject.?spec ||
      object.?status.?operationState.orValue(null) != null &&
      !(object.?status.?operationState.?phase.orValue('') in ['Succeeded', 'Failed', 'Error', 'Terminating']) && (
        object.?status.?operationState.?operation.?sync != object.?operation.?sync ||
        object.?status.?operationState.?operation.?retry.?refresh.orValue(false) !=
        object.?operation.?retry.?refresh.orValue(false) ||
        object.?status.?operationState.?syncResult.orValue(null) != null &&
        !(object.?status.?operationState.?syncResult.?sources == object.?operation.?sync.?sources &&
          object.?status.?operationState.?syncResult.?revisions == object.?operation.?sync.?revisions && (
            object.?operation.?sync.?sources.orValue(null) != null && object.?operation.?sync.?sources.orValue([]) != [] ||
            object.?operation.?sync.?source.orValue(null) != null &&
            object.?status.?operationState.?syncResult.?source == object.?operation.?sync.?source &&
            object.?status.?operationState.?syncResult.?revision == object.?operation.?sync.?revision))) && (
        oldObject.?status.?operationState.orValue(null) == null ||
        oldObject.?status.?operationState.?phase.orValue('') in ['Succeeded', 'Failed', 'Error', 'Terminating'] ||
        object.?status.?operationState.?operation != oldObject.?status.?operationState.?operation ||
        object.?status.?operationState.?syncResult.?source != oldObject.?status.?operationState.?syncResult.?source ||
        object.?status.?operationState.?syncResult.?sources != oldObject.?status.?operationState.?syncResult.?sources ||
        object.?status.?operationState.?syncResult.?revision != oldObject.?status.?operationState.?syncResult.?revision ||
        object.?status.?operationState.?syncResult.?revisions != oldObject.?status.?operationState.?syncResult.?revisions))`,
};
