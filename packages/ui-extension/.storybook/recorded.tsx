import * as React from 'react';

let fault: Error | null = null;

/** What a story threw while it rendered, once: with React 16 a story that throws would pass otherwise. */
export function takeFault(): Error | null {
  const taken = fault;
  fault = null;
  return taken;
}

export class Recorded extends React.Component<{ readonly children: React.ReactNode }, { readonly fell: boolean }> {
  override state: { readonly fell: boolean } = { fell: false };

  static getDerivedStateFromError(): { readonly fell: boolean } {
    return { fell: true };
  }

  override componentDidCatch(error: unknown): void {
    fault = error instanceof Error ? error : new Error(String(error));
  }

  override render(): React.ReactNode {
    return this.state.fell ? null : this.props.children;
  }
}
