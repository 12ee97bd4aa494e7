import { selectRequirements, specDeployment } from '@source-integrity/core';
import type { RequestHandler } from 'express';
import type { ServerContext } from '../../context.ts';
import { argocdSettings } from '../../verification/argocd-settings.ts';
import { answerTagged } from '../answer.ts';
import { askedApplication } from '../asked-application.ts';

/** `GET /policy`: which entries apply to each source of the Application, and why. Asks no repository. */
export function policyRoute({ cluster }: ServerContext): RequestHandler {
  return async (request, response) => {
    const { view, application } = await askedApplication(request, cluster);
    const { policy } = await argocdSettings(view);
    const { sources } = specDeployment(application, view.enablesOCI(application.project));
    const explanations = sources.map(
      ({ source }) => selectRequirements(policy, application.project, source).explanation,
    );
    answerTagged(request, response, { sources: explanations }, explanations);
  };
}
