import Box from "@cloudscape-design/components/box";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";

import { graphql } from "../api/graphql";
import { useRead } from "../api/read";
import { useText } from "../texts/text";

const QUOTAS = graphql(`
  query Quotas {
    viewer { tenant { quotas { name limit used } } }
  }
`);

/** What the tenant uses of its limits, as it changes. */
export function Quotas() {
  const text = useText();
  const { data } = useRead(QUOTAS, {}, "any");
  const quotas = data?.viewer?.tenant.quotas ?? [];
  return (
    <Box padding={{ horizontal: "xl", bottom: "xl" }}>
      <SpaceBetween size="m">
        {quotas.map(({ name, limit, used }) => {
          const label = text(`quota${name}`);
          const unit = name === "GIGABYTES" ? "GB" : "";
          if (limit < 0) {
            return <Labelled key={name} label={label} value={text("quotaUnlimited", { used: `${used}${unit}` })} />;
          }
          return (
            <ProgressBar
              key={name}
              variant="key-value"
              label={label}
              value={limit === 0 ? 100 : (used / limit) * 100}
              additionalInfo={text("quotaUsed", { used: `${used}${unit}`, limit: `${limit}${unit}` })}
            />
          );
        })}
      </SpaceBetween>
    </Box>
  );
}

function Labelled({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <Box variant="awsui-key-label">{label}</Box>
      <Box fontSize="body-s">{value}</Box>
    </div>
  );
}
