import type { Document } from 'yaml';
import { installFile } from './install-files.ts';
import { tokenCommand } from './install-manifests.ts';

export interface Registration {
  readonly namespace: string;
  /** Whose init container brings the extension; null as in {@link Installation}. */
  readonly image: string | null;
  /** Where the standard installer gets the extension from, instead of the image. */
  readonly extensionUrl: string | null;
}

const CONFIG_MAPS = ['argocd-cm', 'argocd-cmd-params-cm', 'argocd-rbac-cm', 'argocd-notifications-cm'];
const INIT_CONTAINER = ['spec', 'template', 'spec', 'initContainers', 0] as const;

/**
 * Commands for a shell that change Argo CD's own objects. Patches, which leave everything else as it is: applying such
 * parts would take away what the same field manager had applied before, the rest of the object.
 */
export async function renderRegistration(registration: Registration): Promise<string> {
  const { namespace } = registration;
  const lines = [
    `# Registers source integrity with the Argo CD in namespace ${namespace}. Read it, then run it with sh.`,
    '# The token, once, if there is none yet:',
    `#   ${tokenCommand(namespace)}`,
  ];
  for (const name of CONFIG_MAPS) {
    for (const document of await installFile(`components/argocd/${name}.yaml`, namespace)) {
      lines.push(...patchCommand(`configmap ${name} --type merge`, namespace, document));
    }
  }
  for (const document of await extension(registration)) {
    lines.push(...patchCommand('deployment argocd-server --type strategic', namespace, document));
  }
  return `${lines.join('\n')}\n`;
}

async function extension({ namespace, image, extensionUrl }: Registration): Promise<Document.Parsed[]> {
  const component = extensionUrl === null ? 'extension-image' : 'extension-installer';
  const documents = await installFile(`components/${component}/argocd-server.yaml`, namespace);
  for (const document of documents) {
    if (extensionUrl !== null) {
      document.setIn([...INIT_CONTAINER, 'env', 1, 'value'], extensionUrl);
      document.setIn([...INIT_CONTAINER, 'env', 2, 'value'], new URL('extension_checksums.txt', extensionUrl).href);
    } else if (image !== null) document.setIn([...INIT_CONTAINER, 'image'], image);
  }
  return documents;
}

function patchCommand(what: string, namespace: string, document: Document.Parsed): string[] {
  const patch = document.toString({ lineWidth: 120, directives: false }).trimEnd();
  return [`kubectl -n ${namespace} patch ${what} --patch-file /dev/stdin <<'END'`, patch, 'END'];
}
