"""Volume Snapshots as a service: point-in-time copies of block volumes, spoken in GraphQL."""
