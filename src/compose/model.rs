//! A compose project as it stands after reading: files merged, `extends` and `include` followed, variables
//! put in, short syntaxes written out.
//!
//! Names and meanings are the Compose Specification's (<https://github.com/compose-spec/compose-spec>).

use std::{collections::BTreeMap, fmt, path::PathBuf, sync::Arc, time::Duration};

use serde::{Serialize, Serializer};

use super::found::Found;

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Origin {
    /// The file, as the operator named it or relative to the project's folder.
    #[serde(serialize_with = "as_text")]
    pub file: Arc<str>,
    /// From 1; 0 when it is about the file as a whole.
    pub line: u64,
    /// In characters, from 1; 0 when it is about the file as a whole.
    pub column: u64,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 { f.write_str(&self.file) } else { write!(f, "{}:{}", self.file, self.line) }
    }
}

fn as_text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A value, where it was written, and under which path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where its key (of a list's item: the item) was written: after a merge, in the file that won.
    pub origin: Origin,
    /// As in `services.web.ports[0]`; it names its entry in [`Project::keys`].
    pub path: String,
}

/// One key of the input: what a report on the input has a line for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputKey {
    /// As in `services.web.deploy.resources.limits.cpus`.
    pub path: String,
    /// Where it was written.
    pub origin: Origin,
    /// Its value on one line, shortened; none where it may be secret (an environment value, an inline content).
    pub shown: Option<String>,
    /// Does the Compose Specification know it? `x-` extensions and unknown keys are not.
    pub sort: KeySort,
}

/// What sort of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySort {
    /// The Compose Specification has it.
    Known,
    /// `x-…`: ignored by compose itself, or used through an anchor.
    Extension,
    /// Nothing knows it.
    Unknown,
    /// It was used up in reading: `extends`, `include`, `profiles`, `name`, `version`, anchors' fragments; with
    /// what became of it.
    Consumed(&'static str),
}

/// The whole of what was read.
#[derive(Clone, Debug)]
pub struct Project {
    /// `name:` of the last file that has one, else the project folder's name, made fit.
    pub name: String,
    /// Of the active profiles, in the order of their names.
    pub services: BTreeMap<String, Service>,
    /// Named networks; `default` is there when a service uses it.
    pub networks: BTreeMap<String, Network>,
    /// Named volumes.
    pub volumes: BTreeMap<String, NamedVolume>,
    /// `secrets:` of the top level.
    pub secrets: BTreeMap<String, FileObject>,
    /// `configs:` of the top level.
    pub configs: BTreeMap<String, FileObject>,
    /// Services that no active profile has, with their profiles.
    pub inactive: Vec<Placed<String>>,
    /// Variables that the files name (`${TAG:-latest}`), by name.
    pub variables: BTreeMap<String, Variable>,
    /// Every key of every file that counts, in the order of files and lines: deepest mapping keys, and list items
    /// of ports, volumes, environment and the like. What was overridden by a later file is here as consumed.
    pub keys: Vec<InputKey>,
}

/// A variable that was put into the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Where it is used, in order.
    pub uses: Vec<Placed<()>>,
    /// Where its value came from.
    pub source: VariableSource,
}

/// Where a variable's value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableSource {
    /// The environment of the process.
    Process,
    /// An env file, as in `.env`.
    File(Origin),
    /// The default in the text.
    Default,
    /// Nowhere: it became empty, as compose does with a warning.
    Unset,
}

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

/// TCP, UDP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// `tcp`.
    Tcp,
    /// `udp`.
    Udp,
    /// `sctp`.
    Sctp,
}

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// In the container.
    pub target: u16,
    /// On the host: as written, may be a range of candidates; none is any.
    pub published: Option<String>,
    /// The host's address.
    pub host_ip: Option<String>,
    /// The protocol.
    pub protocol: Protocol,
    /// `name`.
    pub name: Option<String>,
    /// `app_protocol`.
    pub app_protocol: Option<String>,
    /// `mode: host`.
    pub is_host_mode: bool,
}

/// One port of `expose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    /// In the container.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// Something mounted into a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    /// Where in the container.
    pub target: String,
    /// What.
    pub source: MountSource,
    /// Read only?
    pub is_read_only: bool,
    /// `volume.subpath`.
    pub subpath: Option<String>,
}

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MountSource {
    /// A named volume.
    Volume(String),
    /// A volume without a name.
    Anonymous,
    /// A path of the host.
    Bind(BindSource),
    /// Memory, with its size in bytes.
    Tmpfs {
        /// In bytes.
        size: Option<u64>,
        /// Octal, as in `0o1777`.
        mode: Option<u32>,
    },
    /// `npipe`, `cluster`, `image`: its type, and its source.
    Other(String, Option<String>),
}

/// A path of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindSource {
    /// As written.
    pub written: String,
    /// Relative to the project's folder where it is below it.
    pub inside: Option<PathBuf>,
    /// What is there now, where it is inside.
    pub found: Found,
}

/// A config or secret that is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMount {
    /// Its key at the top level.
    pub source: String,
    /// The path in the container.
    pub target: Option<String>,
    /// The mode, as in `0o440`.
    pub mode: Option<u32>,
    /// The owner's id, as written.
    pub uid: Option<String>,
    /// The group's id, as written.
    pub gid: Option<String>,
}

/// A config or secret of the top level.
#[derive(Clone, Debug)]
pub struct FileObject {
    /// Where its key stands.
    pub origin: Origin,
    /// What it holds.
    pub content: FileContent,
    /// `name`.
    pub name: Option<Placed<String>>,
}

/// What a config or secret holds.
#[derive(Clone, PartialEq, Eq)]
pub enum FileContent {
    /// `file`.
    File(BindSource),
    /// `environment`: the variable's name.
    Environment(String),
    /// `content`, inline; none for a secret, whose content is never kept.
    Inline(Option<String>),
    /// `external`.
    External,
}

/// Without an inline content.
impl fmt::Debug for FileContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(source) => write!(f, "File({source:?})"),
            Self::Environment(name) => write!(f, "Environment({name})"),
            Self::Inline(_) => f.write_str("Inline"),
            Self::External => f.write_str("External"),
        }
    }
}

/// A network.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Where its key stands; none for the implied `default`.
    pub origin: Option<Origin>,
    /// `external`.
    pub is_external: bool,
    /// `internal`: nothing goes out of it.
    pub is_internal: bool,
    /// `driver`.
    pub driver: Option<Placed<String>>,
    /// `name`.
    pub name: Option<Placed<String>>,
}

/// A named volume.
#[derive(Clone, Debug, Default)]
pub struct NamedVolume {
    /// Where its key stands.
    pub origin: Option<Origin>,
    /// `external`.
    pub is_external: bool,
    /// `driver`.
    pub driver: Option<Placed<String>>,
    /// `driver_opts`, by name.
    pub driver_opts: BTreeMap<String, Placed<String>>,
    /// `name`.
    pub name: Option<Placed<String>>,
}

/// How a service is on a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Other names.
    pub aliases: Vec<String>,
    /// A fixed address.
    pub ipv4_address: Option<String>,
    /// A fixed address.
    pub ipv6_address: Option<String>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The service, or the container outside of the project.
    pub target: String,
    /// Its other name.
    pub alias: Option<String>,
    /// Outside of the project?
    pub is_external: bool,
}

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
