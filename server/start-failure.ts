/**
 * The reason why the server cannot start, told to the person who started it: one line that says what is wrong and what mends it.
 * `start.ts` prints it without a stack trace. Anything else that is thrown while starting is a fault of ours and is printed whole.
 */
export class StartFailure extends Error {}
