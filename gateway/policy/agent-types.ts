/** In the place of a client, and as the kind of it, for a token that a person made for a program of their own. */
export const PERSONAL_TOKEN = "personal-token";
