/** A thread that fails before it is asked anything. */
throw new Error('it cannot even start');
