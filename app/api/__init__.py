"""Floor 3: the same verbs spelled in GraphQL. A resolver is one call of the service and a conversion."""
