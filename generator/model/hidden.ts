/**
 * Characters that a reader does not see or that turn the direction of text around, and the two line ends that only JavaScript knows.
 * Written with `\p`, so that what Unicode adds is included.
 */
export const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u007F-\u009F\u2028\u2029]/u;
