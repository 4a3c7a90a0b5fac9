import { apiPath } from '../api/client.ts';

/** The recording as a file, for `sluice replay`. */
export function ExportLink({ id }: { readonly id: number }) {
  return (
    <a className="button quiet" href={apiPath(`recordings/${id}`)} download={`connection-${id}.json`}>
      Export recording
    </a>
  );
}
