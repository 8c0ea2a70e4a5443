"""Floor 3: GraphQL over HTTP and WebSocket; who is calling; health. Knows no verb of the service."""
