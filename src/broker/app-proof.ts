/** How this app proves itself to the identity platform, in the words of MSAL. */
export type AppProof = { readonly clientSecret: string } | { readonly clientAssertion: string };

export interface AppCredential {
  /** The proof for one tenant, from memory while it is good. Throws `broker_misconfigured` or `upstream_unavailable`. */
  proof(tenantId: string): Promise<{ readonly proof: AppProof; readonly version: string }>;
  /** After Microsoft refused the proof of this version: true when another one is held now, so that another try makes sense. */
  refused(version: string): Promise<boolean>;
}
