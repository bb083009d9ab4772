//! A service, and how its image is built.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use super::{
    Attachment, Dependency, DeployMode, Exposed, FileMount, Healthcheck, Link, Mount, Origin, Placed, Port,
    Resources, Restart, UpdateConfig,
};

/// A service.
#[derive(Clone)]
pub struct Service {
    /// Its key under `services`.
    pub name: String,
    /// Where its key stands.
    pub origin: Origin,
    /// `image`.
    pub image: Option<Placed<String>>,
    /// `build`.
    pub build: Option<Placed<Build>>,
    /// `entrypoint`; an empty list clears the image's.
    pub entrypoint: Option<Placed<Vec<String>>>,
    /// `command`; a text is split as a shell would.
    pub command: Option<Placed<Vec<String>>>,
    /// `environment`, and what its env files bring and `environment` does not override, by name.
    pub environment: BTreeMap<String, EnvironmentValue>,
    /// `env_file`, in order.
    pub env_files: Vec<Placed<EnvFile>>,
    /// `ports`, a range written out.
    pub ports: Vec<Placed<Port>>,
    /// `expose`, a range written out.
    pub expose: Vec<Placed<Exposed>>,
    /// `volumes` and `tmpfs`.
    pub mounts: Vec<Placed<Mount>>,
    /// `configs` that are mounted.
    pub configs: Vec<Placed<FileMount>>,
    /// `secrets` that are mounted.
    pub secrets: Vec<Placed<FileMount>>,
    /// `networks`, by name; only `default` where none is said and `network_mode` is not.
    pub networks: BTreeMap<String, Placed<Attachment>>,
    /// `network_mode`.
    pub network_mode: Option<Placed<String>>,
    /// `links` and `external_links`.
    pub links: Vec<Placed<Link>>,
    /// `depends_on`, by service.
    pub depends_on: BTreeMap<String, Placed<Dependency>>,
    /// `healthcheck`.
    pub healthcheck: Option<Placed<Healthcheck>>,
    /// `deploy.replicas`, else `scale`.
    pub replicas: Option<Placed<u32>>,
    /// `deploy.mode`.
    pub mode: Option<Placed<DeployMode>>,
    /// Limits: `deploy.resources.limits`, else `cpus`, `mem_limit`, `pids_limit`.
    pub limits: Resources,
    /// Reservations: `deploy.resources.reservations`, else `mem_reservation`.
    pub reservations: Resources,
    /// `restart`, or `deploy.restart_policy.condition`.
    pub restart: Option<Placed<Restart>>,
    /// `deploy.update_config`.
    pub update: Option<Placed<UpdateConfig>>,
    /// `stop_grace_period`.
    pub stop_grace_period: Option<Placed<Duration>>,
    /// `stop_signal`.
    pub stop_signal: Option<Placed<String>>,
    /// `user`.
    pub user: Option<Placed<User>>,
    /// `group_add`.
    pub group_add: Vec<Placed<String>>,
    /// `working_dir`.
    pub working_dir: Option<Placed<String>>,
    /// `hostname`.
    pub hostname: Option<Placed<String>>,
    /// `container_name`.
    pub container_name: Option<Placed<String>>,
    /// `cap_add`.
    pub cap_add: Vec<Placed<String>>,
    /// `cap_drop`.
    pub cap_drop: Vec<Placed<String>>,
    /// `privileged`.
    pub privileged: Option<Placed<bool>>,
    /// `read_only`.
    pub read_only: Option<Placed<bool>>,
    /// `security_opt`.
    pub security_opt: Vec<Placed<String>>,
    /// `sysctls`, by name.
    pub sysctls: BTreeMap<String, Placed<String>>,
    /// `tty`.
    pub tty: Option<Placed<bool>>,
    /// `stdin_open`.
    pub stdin_open: Option<Placed<bool>>,
    /// `init`.
    pub init: Option<Placed<bool>>,
    /// `pid`.
    pub pid: Option<Placed<String>>,
    /// `ipc`.
    pub ipc: Option<Placed<String>>,
    /// `shm_size`, in bytes.
    pub shm_size: Option<Placed<u64>>,
    /// `extra_hosts`: name and addresses.
    pub extra_hosts: Vec<Placed<(String, Vec<String>)>>,
    /// `dns`.
    pub dns: Vec<Placed<String>>,
    /// `dns_search`.
    pub dns_search: Vec<Placed<String>>,
    /// `dns_opt`.
    pub dns_opt: Vec<Placed<String>>,
    /// `labels`, by name.
    pub labels: BTreeMap<String, Placed<String>>,
    /// `annotations`, by name.
    pub annotations: BTreeMap<String, Placed<String>>,
    /// `pull_policy`.
    pub pull_policy: Option<Placed<String>>,
    /// `platform`.
    pub platform: Option<Placed<String>>,
    /// `gpus`, or devices reserved with the capability `gpu`: how many; none is all.
    pub gpus: Option<Placed<Option<u32>>>,
    /// `deploy.placement.constraints`.
    pub placement: Vec<Placed<String>>,
    /// `post_start` and `pre_stop` commands.
    pub hooks: Vec<Placed<Hook>>,
}

/// Its name and place: commands, labels and the like may hold a secret.
impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Service({} at {})", self.name, self.origin)
    }
}

/// `build`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// As written, relative to the file's folder, or a URL.
    pub context: String,
    /// Relative to the context.
    pub dockerfile: Option<String>,
    /// The Dockerfile itself, inline.
    pub inline_dockerfile: Option<String>,
    /// The stage.
    pub target: Option<String>,
    /// Arguments; none comes from the process.
    pub args: BTreeMap<String, Option<String>>,
    /// Platforms.
    pub platforms: Vec<String>,
}

/// Without the values of its arguments: they may be secret.
impl fmt::Debug for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Build")
            .field("context", &self.context)
            .field("dockerfile", &self.dockerfile)
            .field("target", &self.target)
            .field("args", &self.args.keys())
            .finish_non_exhaustive()
    }
}

/// A variable of a container.
#[derive(Clone, PartialEq, Eq)]
pub struct EnvironmentValue {
    /// None: named without a value, and nothing around has one.
    pub value: Option<Placed<String>>,
    /// Where the name was written, in `environment` or in an env file.
    pub named: Placed<()>,
    /// From an env file?
    pub from_file: bool,
    /// Variables (`${DB_PASSWORD}`) that its text names.
    pub variables: Vec<String>,
}

/// Without the value: it may be a secret.
impl fmt::Debug for EnvironmentValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_set = if self.value.is_some() { "set" } else { "not set" };
        write!(f, "EnvironmentValue({is_set}, {} at {})", self.named.path, self.named.origin)
    }
}

/// One file of `env_file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvFile {
    /// Relative to the project's folder.
    pub path: PathBuf,
    /// A missing one is an error.
    pub is_required: bool,
}

/// `user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// A number or a name.
    pub user: String,
    /// A number or a name.
    pub group: Option<String>,
}

/// A command that runs with a container's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// `pre_stop`, or else `post_start`.
    pub is_pre_stop: bool,
    /// The command.
    pub command: Vec<String>,
}
