import Select from "@cloudscape-design/components/select";
import { useRef, useState } from "react";
import { useClient } from "urql";

import { graphql } from "../api/graphql";
import { useText } from "../texts/text";

const SOURCES = graphql(`
  query SourceVolumes($search: String!, $after: String) {
    volumes(first: 50, after: $after, filter: { category: DATA, search: $search }, orderBy: { field: NAME, direction: ASC }) {
      pageInfo { hasNextPage endCursor }
      nodes { id name }
    }
  }
`);

export interface SourceVolume {
  id: string;
  name: string;
}

interface Found {
  search: string;
  volumes: SourceVolume[];
  /** Where the rest begins; null: there is none. */
  rest: string | null;
}

interface Props {
  chosen: SourceVolume | null;
  choose: (volume: SourceVolume | null) => void;
}

/** Narrows the list down to the snapshots of a volume; the volumes come in pages, as they are searched and scrolled. */
export function SourceVolumeFilter({ chosen, choose }: Props) {
  const text = useText();
  const client = useClient();
  const [found, setFound] = useState<Found>({ search: "", volumes: [], rest: null });
  const [standing, setStanding] = useState<"pending" | "loading" | "finished" | "error">("pending");
  const asked = useRef("");
  const any = { value: "", label: text("anyVolume") };

  const load = async (search: string, more: boolean) => {
    asked.current = search;
    setStanding("loading");
    const { data } = await client.query(SOURCES, { search, after: more ? found.rest : null }).toPromise();
    if (asked.current !== search) return;
    if (!data?.volumes) return setStanding("error");
    const { nodes, pageInfo } = data.volumes;
    setFound({
      search,
      volumes: more ? [...found.volumes, ...nodes] : nodes,
      rest: pageInfo.hasNextPage ? pageInfo.endCursor : null,
    });
    setStanding(pageInfo.hasNextPage ? "pending" : "finished");
  };
  const named = (volume: SourceVolume) => ({ value: volume.id, label: volume.name });
  return (
    <Select
      ariaLabel={text("sourceVolume")}
      filteringType="manual"
      filteringPlaceholder={text("search")}
      filteringAriaLabel={text("search")}
      statusType={standing}
      loadingText={text("loading")}
      errorText={text("unreadable")}
      recoveryText={text("again")}
      empty={text("noVolumeMatch")}
      options={found.search === "" ? [any, ...found.volumes.map(named)] : found.volumes.map(named)}
      selectedOption={chosen ? named(chosen) : any}
      onLoadItems={({ detail }) => void load(detail.filteringText, !detail.firstPage && !detail.samePage)}
      onChange={({ detail: { selectedOption } }) =>
        choose(selectedOption.value ? { id: selectedOption.value, name: selectedOption.label ?? "" } : null)
      }
    />
  );
}
