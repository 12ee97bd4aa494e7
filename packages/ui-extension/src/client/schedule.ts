/** The part of a page that says whether anybody looks at it. */
export interface Visibility {
  readonly hidden: () => boolean;
  /** Calls back when that may have changed; answers how to stop. */
  readonly onChange: (listener: () => void) => () => void;
}

/** At most one thing due later. In a hidden page it waits until the page is shown. */
export interface Schedule {
  readonly after: (ms: number, task: () => void) => void;
  /** Leaves no timer and no listener behind. */
  readonly cancel: () => void;
}

export function createSchedule(visibility: Visibility): Schedule {
  let forget: (() => void) | null = null;

  const cancel = (): void => {
    forget?.();
    forget = null;
  };

  return {
    after: (ms, task) => {
      cancel();
      const run = (): void => {
        cancel();
        task();
      };
      const timer = setTimeout(() => {
        if (!visibility.hidden()) return run();
        forget = visibility.onChange(() => {
          if (!visibility.hidden()) run();
        });
      }, ms);
      forget = () => clearTimeout(timer);
    },
    cancel,
  };
}

/** The page that this runs in. */
export function pageVisibility(page: Document): Visibility {
  return {
    hidden: () => page.hidden,
    onChange: (listener) => {
      page.addEventListener('visibilitychange', listener);
      return () => page.removeEventListener('visibilitychange', listener);
    },
  };
}
