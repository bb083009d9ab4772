//! Loki's values: its logs are in a claim, since a compose project has no object store to name.

/// Those of all environments, then of dev, staging and prod.
pub(super) const VALUES: [&str; 4] = [
    "\
# Loki as one program with everything in it and its logs in one claim, the same in every environment. Written for the
# value paths of chart 6. For more than a few GB of logs a day, or more than one replica, give it an object store: the
# chart's `loki.storage` says how.
deploymentMode: SingleBinary

loki:
  auth_enabled: false
  commonConfig:
    replication_factor: 1
  # Never change an entry that is in use; add one with a later date.
  schemaConfig:
    configs:
      - from: \"2026-01-01\"
        store: tsdb
        object_store: filesystem
        schema: v13
        index: {prefix: index_, period: 24h}
  storage:
    type: filesystem
  compactor:
    retention_enabled: true
    delete_request_store: filesystem
  limits_config:
    allow_structured_metadata: true
    volume_enabled: true

singleBinary:
  replicas: 1

read: {replicas: 0}
write: {replicas: 0}
backend: {replicas: 0}

gateway:
  enabled: true
  replicas: 1

# The caches ask for ten gigabytes of memory as they come.
chunksCache: {enabled: false}
resultsCache: {enabled: false}

# The chart's own test wants the canary.
lokiCanary: {enabled: false}
test: {enabled: false}
",
    "\
loki:
  server:
    log_level: debug
  limits_config:
    retention_period: 72h
    ingestion_rate_mb: 4

singleBinary:
  persistence:
    size: 5Gi
  resources:
    requests: {cpu: 100m, memory: 256Mi}
    limits: {memory: 512Mi}
",
    "\
loki:
  server:
    log_level: info
  limits_config:
    retention_period: 240h
    ingestion_rate_mb: 8

singleBinary:
  persistence:
    size: 20Gi
  resources:
    requests: {cpu: 200m, memory: 512Mi}
    limits: {memory: 1Gi}
",
    "\
loki:
  server:
    log_level: warn
  limits_config:
    retention_period: 744h
    ingestion_rate_mb: 16

singleBinary:
  persistence:
    size: 100Gi
  resources:
    requests: {cpu: 500m, memory: 2Gi}
    limits: {memory: 4Gi}
",
];
