/** A file to be: its path below the vendor's folder, its text, and the place in the YAML that it comes from. */
export interface Emitted {
  readonly path: string;
  readonly text: string;
  readonly where: string;
}
