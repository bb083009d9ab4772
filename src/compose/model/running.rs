//! How a service is run: dependencies, health, replicas, resources.

use std::time::Duration;

use super::Placed;

/// What a service waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The condition.
    pub condition: DependencyCondition,
    /// False: it may be missing.
    pub is_required: bool,
    /// Restarted with it?
    pub restarts: bool,
}

/// When a dependency is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyCondition {
    /// `service_started`.
    Started,
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
    Completed,
}

/// `healthcheck`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Healthcheck {
    /// What is run.
    pub test: HealthTest,
    /// Between two tests.
    pub interval: Option<Duration>,
    /// Of one test.
    pub timeout: Option<Duration>,
    /// In a row, before it is unhealthy.
    pub retries: Option<u32>,
    /// In which failures do not count.
    pub start_period: Option<Duration>,
    /// Between two tests while it starts.
    pub start_interval: Option<Duration>,
}

/// What a health check runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthTest {
    /// `NONE`, or `disable: true`.
    Disabled,
    /// Only times are said: the image's own test.
    OfImage,
    /// `CMD`: a program and its arguments.
    Exec(Vec<String>),
    /// `CMD-SHELL`, or a text.
    Shell(String),
}

/// `deploy.mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeployMode {
    /// `replicated`.
    Replicated,
    /// `global`.
    Global,
    /// `replicated-job`.
    ReplicatedJob,
    /// `global-job`.
    GlobalJob,
}

/// Limits or reservations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// In thousandths of a CPU.
    pub cpus: Option<Placed<u64>>,
    /// In bytes.
    pub memory: Option<Placed<u64>>,
    /// Processes.
    pub pids: Option<Placed<i64>>,
}

/// Whether it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// `no`, `none`.
    No,
    /// `always`, `any`.
    Always,
    /// `on-failure`, with the most tries.
    OnFailure(Option<u32>),
    /// `unless-stopped`.
    UnlessStopped,
}

/// `deploy.update_config`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UpdateConfig {
    /// At once; 0 is all.
    pub parallelism: Option<u32>,
    /// Between two.
    pub delay: Option<Duration>,
    /// `start-first`?
    pub starts_first: Option<bool>,
}
