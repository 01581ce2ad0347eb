/** What is wrong with what was given, in a sentence. */
export class Refusal extends Error {}
