/** The part of the package `jsonld` that the tests use; it ships no types of its own. */
declare module 'jsonld' {
  interface RemoteDocument {
    readonly contextUrl: null;
    readonly documentUrl: string;
    readonly document: unknown;
  }

  interface Options {
    readonly documentLoader: (url: string) => Promise<RemoteDocument>;
    /** Throws where a member would be dropped. */
    readonly safe: true;
  }

  const jsonld: {
    /** Expands a document and gathers what is said of each node in one place. */
    flatten(document: object, context: null, options: Options): Promise<Record<string, unknown>[]>;
  };
  export default jsonld;
}
