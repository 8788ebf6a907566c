/** Delegated scopes of Microsoft Graph that the tenant knows, and who may consent to them. */
export const GRAPH_SCOPES: Readonly<Record<string, 'user' | 'admin'>> = {
  openid: 'user',
  profile: 'user',
  email: 'user',
  offline_access: 'user',
  'User.Read': 'user',
  'User.ReadBasic.All': 'user',
  'User.Read.All': 'admin',
  'Files.Read': 'user',
  'Files.Read.All': 'user',
  'Files.ReadWrite': 'user',
  'Files.ReadWrite.All': 'user',
  'Files.ReadWrite.AppFolder': 'user',
  'Files.Read.Selected': 'user',
  'Files.ReadWrite.Selected': 'user',
  'Files.SelectedOperations.Selected': 'user',
  'Lists.SelectedOperations.Selected': 'admin',
  'ListItems.SelectedOperations.Selected': 'admin',
  'Sites.Read.All': 'user',
  'Sites.ReadWrite.All': 'user',
  'Sites.Manage.All': 'user',
  'Sites.Selected': 'user',
  'Sites.FullControl.All': 'admin',
  'Mail.Read': 'user',
  'Mail.Send': 'user',
  'Directory.Read.All': 'admin',
  'Organization.Read.All': 'admin',
  'Application.Read.All': 'admin',
  'Reports.Read.All': 'admin',
  'ReportSettings.Read.All': 'admin',
};

/** Application permissions of Microsoft Graph; an administrator grants each. */
export const GRAPH_ROLES: readonly string[] = [
  'User.ReadBasic.All',
  'User.Read.All',
  'Files.Read.All',
  'Files.ReadWrite.All',
  'Files.SelectedOperations.Selected',
  'Lists.SelectedOperations.Selected',
  'ListItems.SelectedOperations.Selected',
  'Sites.Read.All',
  'Sites.ReadWrite.All',
  'Sites.Manage.All',
  'Sites.FullControl.All',
  'Sites.Selected',
  'Organization.Read.All',
  'Directory.Read.All',
  'Application.Read.All',
  'Application.ReadWrite.OwnedBy',
  'Reports.Read.All',
  'ReportSettings.Read.All',
  'Mail.Read',
  'Mail.Send',
];

/** Scopes about the sign-in itself: they belong to no resource and never limit an access token. */
export const OIDC_SCOPES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];

/** What the registration "Graph Valet" holds from the start in Contoso. */
export const VALET_ROLES: readonly string[] = [
  'User.Read.All',
  'Files.ReadWrite.All',
  'Sites.ReadWrite.All',
  'Organization.Read.All',
  'Application.Read.All',
  'Reports.Read.All',
  'Mail.Send',
];
export const VALET_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'offline_access',
  'User.Read',
  'Files.Read',
  'Files.Read.All',
  'Files.ReadWrite',
  'Files.ReadWrite.All',
  'Sites.Read.All',
  'Mail.Send',
];
