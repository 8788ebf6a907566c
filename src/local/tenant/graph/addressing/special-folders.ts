/** Special folders of a person's drive, and the names of the folders that they are. */
const SPECIAL: Readonly<Record<string, string>> = {
  documents: 'Documents',
  photos: 'Photos',
  cameraroll: 'Camera Roll',
  music: 'Music',
  desktop: 'Desktop',
};

export function folderOfSpecial(name: string): string | undefined {
  return SPECIAL[name.toLowerCase()];
}

/** The special name of a folder at the root of a person's drive. */
export function specialNameOf(folder: string): string | undefined {
  return Object.keys(SPECIAL).find((name) => SPECIAL[name] === folder);
}
