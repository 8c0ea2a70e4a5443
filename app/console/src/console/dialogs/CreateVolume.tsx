import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";
import { DescriptionField } from "./DescriptionField";
import { FormDialog } from "./FormDialog";
import { NameField } from "./NameField";
import { PROBLEM } from "./problem";
import { ProtectedField } from "./ProtectedField";
import { SizeField } from "./SizeField";
import { useSubmission } from "./submission";

const PRODUCTS = graphql(`
  query Products {
    products { name description }
  }
`);
const CREATE = graphql(
  `
    mutation CreateVolume($input: CreateVolumeInput!) {
      done: createVolume(input: $input) {
        ... on VolumePayload { volume { name } }
        ...Problem
      }
    }
  `,
  [PROBLEM],
);

export function CreateVolume() {
  const text = useText();
  const read = useRead(PRODUCTS, {}, "none");
  const [name, setName] = useState("");
  const [size, setSize] = useState("10");
  const [chosen, setProduct] = useState<string>();
  const [description, setDescription] = useState("");
  const [kept, setKept] = useState(false);
  const { submit, fault, finish, idempotencyKey, ...attempts } = useSubmission(CREATE);
  const options = read.data?.products?.map((product) => ({
    value: product.name,
    label: product.name,
    description: product.description,
  }));
  const product = options?.find(({ value }) => value === chosen) ?? options?.[0];
  const sizeGb = Number(size);
  const create = async () => {
    const input = { name, sizeGb, product: product?.value ?? "", description, protected: kept, idempotencyKey };
    const done = await submit(input);
    if (done) finish(text("begunCreation", { name: done.volume.name }));
  };
  return (
    <FormDialog
      title={text("volumeCreation")}
      verb={text("create")}
      read={read}
      subject={options}
      attempts={attempts}
      submit={create}
      idle={!Number.isInteger(sizeGb)}
    >
      <NameField label={text("volumeName")} value={name} fault={fault("name", name)} onChange={setName} />
      <SizeField
        label={text("size")}
        rule={text("sizeRule")}
        value={size}
        fault={fault("sizeGb", sizeGb)}
        onChange={setSize}
      />
      <FormField label={text("productType")} errorText={fault("product", product?.value ?? "")} stretch>
        <Select
          expandToViewport
          selectedOption={product ?? null}
          options={options}
          triggerVariant="option"
          onChange={({ detail }) => setProduct(detail.selectedOption.value)}
        />
      </FormField>
      <DescriptionField value={description} fault={fault("description", description)} onChange={setDescription} />
      <ProtectedField value={kept} onChange={setKept} />
    </FormDialog>
  );
}
