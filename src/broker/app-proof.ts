/** How this app proves itself to the identity platform, in the words of MSAL. */
export type AppProof = { readonly clientSecret: string } | { readonly clientAssertion: string };
