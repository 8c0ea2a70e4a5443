import { graphql } from "../api/graphql";

/** An expected failure, as every mutation's result may be one. */
export interface Problem {
  code: string;
  message: string;
  fields?: { path: string[]; message: string }[];
}

export const PROBLEM = graphql(`
  fragment Problem on Problem @_unmask {
    code
    message
    ... on InvalidInput { fields { path message } }
  }
`);
