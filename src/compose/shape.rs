//! The Compose Specification as a table: which keys there are, how each may be shortened, how each is merged.
//!
//! Kept by hand after `schema/compose-spec.json` and `13-merge.md` of <https://github.com/compose-spec/compose-spec>.

/// How a value may be written, and how it is merged with an earlier file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Mappings are merged, lists appended, anything else replaced.
    Plain,
    /// The same, and it has to be a mapping.
    Mapping,
    /// Replaced as a whole, and one key as a whole: `command`.
    Whole,
    /// A mapping, or a list of `NAME=value`.
    Pairs,
    /// A mapping, or a list of `name:address` or `name=address`.
    Hosts,
    /// A mapping, or a list of its keys.
    Names,
    /// A list, or its only item.
    Listed,
    /// A mapping, or the text under this key of it: `build: .` is `build: {context: .}`.
    Under(&'static str),
    /// A list in which later items stand for earlier ones with the same key.
    Unique(Identity),
    /// A mapping that is replaced when its `driver` is another: `logging`.
    OfDriver,
}

/// What makes two items of a list the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Identity {
    /// The whole of it.
    Itself,
    /// Address, target, published and protocol of a port.
    Port,
    /// The path in the container of a volume or device.
    Target,
    /// `target`, else the source's name.
    FileTarget,
    /// `subnet`.
    Subnet,
}

/// What is below a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Below {
    /// Nothing that has names of its own.
    Nothing,
    /// These keys; in a list, of each item.
    Fields(&'static [(&'static str, Shape)]),
    /// Any keys, each of this shape.
    Named(&'static Shape),
    /// Anything.
    Anything,
}

/// One attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) form: Form,
    pub(super) below: Below,
    /// May its values be secret? They are never shown.
    pub(super) is_hidden: bool,
}

impl Shape {
    /// The shape of an item of a list.
    pub(super) fn item(self) -> Self {
        Self { form: Form::Plain, ..self }
    }

    /// The shape under a key of a mapping; none for a key that the specification does not know.
    pub(super) fn under(self, key: &str) -> Option<Self> {
        let shape = match self.below {
            Below::Nothing => None,
            Below::Fields(fields) => fields.iter().find(|(name, _)| *name == key).map(|(_, shape)| *shape),
            Below::Named(shape) => Some(*shape),
            Below::Anything => Some(ANYTHING),
        };
        shape.map(|shape| Self { is_hidden: self.is_hidden || shape.is_hidden, ..shape })
    }

    /// The keys it knows, where they are named by the specification.
    pub(super) fn names(self) -> Vec<&'static str> {
        match self.below {
            Below::Fields(fields) => fields.iter().map(|(name, _)| *name).collect(),
            _ => Vec::new(),
        }
    }
}

/// One line of a report, whatever is below.
pub(super) fn opaque() -> Shape {
    WHOLE
}

const fn shape(form: Form, below: Below) -> Shape {
    Shape { form, below, is_hidden: false }
}

const fn fields(fields: &'static [(&'static str, Shape)]) -> Shape {
    shape(Form::Plain, Below::Fields(fields))
}

const fn mapping(fields: &'static [(&'static str, Shape)]) -> Shape {
    shape(Form::Mapping, Below::Fields(fields))
}

const fn named(of: &'static Shape) -> Shape {
    shape(Form::Plain, Below::Named(of))
}

const fn unique(identity: Identity, below: Below) -> Shape {
    shape(Form::Unique(identity), below)
}

const fn hidden(shape: Shape) -> Shape {
    Shape { is_hidden: true, ..shape }
}

const LEAF: Shape = shape(Form::Plain, Below::Nothing);
const WHOLE: Shape = shape(Form::Whole, Below::Nothing);
const SET: Shape = unique(Identity::Itself, Below::Nothing);
const LISTED: Shape = shape(Form::Listed, Below::Nothing);
const PAIRS: Shape = shape(Form::Pairs, Below::Named(&LEAF));
const SECRET_PAIRS: Shape = hidden(PAIRS);
const HOSTS: Shape = shape(Form::Hosts, Below::Named(&LISTED));
const ANYTHING: Shape = shape(Form::Plain, Below::Anything);
const OPTIONS: Shape = named(&LEAF);
const EXTERNAL: Shape = fields(&[("name", LEAF)]);

/// The top level of a file.
pub(super) const ROOT: Shape = fields(&[
    ("version", LEAF),
    ("name", LEAF),
    (
        "include",
        shape(
            Form::Plain,
            Below::Fields(&[("path", LISTED), ("env_file", LISTED), ("project_directory", LEAF)]),
        ),
    ),
    ("services", named(&SERVICE)),
    ("networks", named(&NETWORK)),
    ("volumes", named(&VOLUME)),
    ("secrets", named(&SECRET)),
    ("configs", named(&CONFIG)),
    ("models", named(&MODEL)),
]);

const MODEL: Shape =
    fields(&[("name", LEAF), ("model", LEAF), ("context_size", LEAF), ("runtime_flags", LEAF)]);

const NETWORK: Shape = mapping(&[
    ("name", LEAF),
    ("driver", LEAF),
    ("driver_opts", OPTIONS),
    (
        "ipam",
        fields(&[
            ("driver", LEAF),
            (
                "config",
                unique(
                    Identity::Subnet,
                    Below::Fields(&[
                        ("subnet", LEAF),
                        ("ip_range", LEAF),
                        ("gateway", LEAF),
                        ("aux_addresses", OPTIONS),
                    ]),
                ),
            ),
            ("options", OPTIONS),
        ]),
    ),
    ("external", EXTERNAL),
    ("internal", LEAF),
    ("enable_ipv4", LEAF),
    ("enable_ipv6", LEAF),
    ("attachable", LEAF),
    ("labels", PAIRS),
]);

const VOLUME: Shape = mapping(&[
    ("name", LEAF),
    ("driver", LEAF),
    ("driver_opts", OPTIONS),
    ("external", EXTERNAL),
    ("labels", PAIRS),
]);

const SECRET: Shape = mapping(&[
    ("name", LEAF),
    ("environment", LEAF),
    ("file", LEAF),
    ("content", hidden(LEAF)),
    ("external", EXTERNAL),
    ("labels", PAIRS),
    ("driver", LEAF),
    ("driver_opts", hidden(OPTIONS)),
    ("template_driver", LEAF),
]);

const CONFIG: Shape = mapping(&[
    ("name", LEAF),
    ("content", hidden(LEAF)),
    ("environment", LEAF),
    ("file", LEAF),
    ("external", EXTERNAL),
    ("labels", PAIRS),
    ("template_driver", LEAF),
]);

const FILE_MOUNTS: Shape = unique(
    Identity::FileTarget,
    Below::Fields(&[("source", LEAF), ("target", LEAF), ("uid", LEAF), ("gid", LEAF), ("mode", LEAF)]),
);

const ULIMITS: Shape = named(&fields(&[("soft", LEAF), ("hard", LEAF)]));

const HOOKS: Shape = fields(&[
    ("command", WHOLE),
    ("user", LEAF),
    ("privileged", LEAF),
    ("working_dir", LEAF),
    ("environment", SECRET_PAIRS),
]);

const BLOCK_LIMIT: Shape = fields(&[("path", LEAF), ("rate", LEAF)]);

const DEVICES: Shape = fields(&[
    ("capabilities", WHOLE),
    ("count", LEAF),
    ("device_ids", WHOLE),
    ("driver", LEAF),
    ("options", PAIRS),
]);

const UPDATE: Shape = mapping(&[
    ("parallelism", LEAF),
    ("delay", LEAF),
    ("failure_action", LEAF),
    ("monitor", LEAF),
    ("max_failure_ratio", LEAF),
    ("order", LEAF),
]);

const RESOURCES: Shape = mapping(&[
    ("cpus", LEAF),
    ("memory", LEAF),
    ("pids", LEAF),
    ("generic_resources", fields(&[("discrete_resource_spec", fields(&[("kind", LEAF), ("value", LEAF)]))])),
    ("devices", DEVICES),
]);

const DEPLOY: Shape = mapping(&[
    ("mode", LEAF),
    ("endpoint_mode", LEAF),
    ("replicas", LEAF),
    ("labels", PAIRS),
    ("rollback_config", UPDATE),
    ("update_config", UPDATE),
    ("resources", mapping(&[("limits", RESOURCES), ("reservations", RESOURCES)])),
    (
        "restart_policy",
        mapping(&[("condition", LEAF), ("delay", LEAF), ("max_attempts", LEAF), ("window", LEAF)]),
    ),
    (
        "placement",
        mapping(&[
            ("constraints", SET),
            ("preferences", fields(&[("spread", LEAF)])),
            ("max_replicas_per_node", LEAF),
        ]),
    ),
]);

const BUILD: Shape = shape(
    Form::Under("context"),
    Below::Fields(&[
        ("context", LEAF),
        ("dockerfile", LEAF),
        ("dockerfile_inline", hidden(LEAF)),
        ("entitlements", SET),
        ("args", SECRET_PAIRS),
        ("ssh", shape(Form::Listed, Below::Anything)),
        ("labels", PAIRS),
        ("cache_from", SET),
        ("cache_to", SET),
        ("no_cache", LEAF),
        ("no_cache_filter", LISTED),
        ("additional_contexts", PAIRS),
        ("network", LEAF),
        ("provenance", LEAF),
        ("pull", LEAF),
        ("sbom", LEAF),
        ("target", LEAF),
        ("shm_size", LEAF),
        ("extra_hosts", HOSTS),
        ("isolation", LEAF),
        ("privileged", LEAF),
        ("secrets", FILE_MOUNTS),
        ("tags", SET),
        ("ulimits", ULIMITS),
        ("platforms", SET),
    ]),
);

const PORTS: Shape = unique(
    Identity::Port,
    Below::Fields(&[
        ("name", LEAF),
        ("mode", LEAF),
        ("host_ip", LEAF),
        ("target", LEAF),
        ("published", LEAF),
        ("protocol", LEAF),
        ("app_protocol", LEAF),
    ]),
);

const VOLUMES: Shape = unique(
    Identity::Target,
    Below::Fields(&[
        ("type", LEAF),
        ("source", LEAF),
        ("target", LEAF),
        ("read_only", LEAF),
        ("consistency", LEAF),
        (
            "bind",
            fields(&[
                ("propagation", LEAF),
                ("create_host_path", LEAF),
                ("recursive", LEAF),
                ("selinux", LEAF),
            ]),
        ),
        ("volume", fields(&[("labels", PAIRS), ("nocopy", LEAF), ("subpath", LEAF)])),
        ("tmpfs", fields(&[("size", LEAF), ("mode", LEAF)])),
        ("image", fields(&[("subpath", LEAF)])),
    ]),
);

const ATTACHMENT: Shape = mapping(&[
    ("aliases", SET),
    ("interface_name", LEAF),
    ("ipv4_address", LEAF),
    ("ipv6_address", LEAF),
    ("link_local_ips", SET),
    ("mac_address", LEAF),
    ("driver_opts", OPTIONS),
    ("priority", LEAF),
    ("gw_priority", LEAF),
]);

const WATCH: Shape = fields(&[
    ("path", LEAF),
    ("action", LEAF),
    ("target", LEAF),
    ("ignore", LISTED),
    ("include", LISTED),
    ("initial_sync", LEAF),
    ("exec", HOOKS),
]);

/// A service.
pub(super) const SERVICE: Shape = fields(&[
    ("annotations", PAIRS),
    ("attach", LEAF),
    (
        "blkio_config",
        mapping(&[
            ("weight", LEAF),
            ("weight_device", fields(&[("path", LEAF), ("weight", LEAF)])),
            ("device_read_bps", BLOCK_LIMIT),
            ("device_read_iops", BLOCK_LIMIT),
            ("device_write_bps", BLOCK_LIMIT),
            ("device_write_iops", BLOCK_LIMIT),
        ]),
    ),
    ("build", BUILD),
    ("cap_add", SET),
    ("cap_drop", SET),
    ("cgroup", LEAF),
    ("cgroup_parent", LEAF),
    ("command", WHOLE),
    ("configs", FILE_MOUNTS),
    ("container_name", LEAF),
    ("cpu_count", LEAF),
    ("cpu_percent", LEAF),
    ("cpu_period", LEAF),
    ("cpu_quota", LEAF),
    ("cpu_rt_period", LEAF),
    ("cpu_rt_runtime", LEAF),
    ("cpu_shares", LEAF),
    ("cpus", LEAF),
    ("cpuset", LEAF),
    ("credential_spec", fields(&[("config", LEAF), ("file", LEAF), ("registry", LEAF)])),
    (
        "depends_on",
        shape(
            Form::Names,
            Below::Named(&mapping(&[("condition", LEAF), ("restart", LEAF), ("required", LEAF)])),
        ),
    ),
    ("deploy", DEPLOY),
    ("develop", fields(&[("watch", WATCH)])),
    ("device_cgroup_rules", SET),
    (
        "devices",
        unique(Identity::Target, Below::Fields(&[("source", LEAF), ("target", LEAF), ("permissions", LEAF)])),
    ),
    ("dns", LISTED),
    ("dns_opt", SET),
    ("dns_search", LISTED),
    ("domainname", LEAF),
    ("entrypoint", WHOLE),
    ("env_file", shape(Form::Listed, Below::Fields(&[("path", LEAF), ("required", LEAF), ("format", LEAF)]))),
    ("environment", SECRET_PAIRS),
    ("expose", SET),
    ("extends", shape(Form::Under("service"), Below::Fields(&[("service", LEAF), ("file", LEAF)]))),
    ("external_links", SET),
    ("extra_hosts", HOSTS),
    ("gpus", DEVICES),
    ("group_add", SET),
    (
        "healthcheck",
        fields(&[
            ("test", WHOLE),
            ("interval", LEAF),
            ("timeout", LEAF),
            ("retries", LEAF),
            ("start_period", LEAF),
            ("start_interval", LEAF),
            ("disable", LEAF),
        ]),
    ),
    ("hostname", LEAF),
    ("image", LEAF),
    ("init", LEAF),
    ("ipc", LEAF),
    ("isolation", LEAF),
    ("label_file", LISTED),
    ("labels", PAIRS),
    ("links", SET),
    ("logging", shape(Form::OfDriver, Below::Fields(&[("driver", LEAF), ("options", hidden(OPTIONS))]))),
    ("mac_address", LEAF),
    ("mem_limit", LEAF),
    ("mem_reservation", LEAF),
    ("mem_swappiness", LEAF),
    ("memswap_limit", LEAF),
    ("models", shape(Form::Names, Below::Named(&fields(&[("endpoint_var", LEAF), ("model_var", LEAF)])))),
    ("network_mode", LEAF),
    ("networks", shape(Form::Names, Below::Named(&ATTACHMENT))),
    ("oom_kill_disable", LEAF),
    ("oom_score_adj", LEAF),
    ("pid", LEAF),
    ("pids_limit", LEAF),
    ("platform", LEAF),
    ("ports", PORTS),
    ("post_start", HOOKS),
    ("pre_stop", HOOKS),
    ("privileged", LEAF),
    ("profiles", SET),
    ("provider", fields(&[("type", LEAF), ("options", hidden(ANYTHING))])),
    ("pull_policy", LEAF),
    ("pull_refresh_after", LEAF),
    ("read_only", LEAF),
    ("restart", LEAF),
    ("runtime", LEAF),
    ("scale", LEAF),
    ("secrets", FILE_MOUNTS),
    ("security_opt", SET),
    ("shm_size", LEAF),
    ("stdin_open", LEAF),
    ("stop_grace_period", LEAF),
    ("stop_signal", LEAF),
    ("storage_opt", OPTIONS),
    ("sysctls", PAIRS),
    ("tmpfs", LISTED),
    ("tty", LEAF),
    ("ulimits", ULIMITS),
    ("use_api_socket", LEAF),
    ("user", LEAF),
    ("userns_mode", LEAF),
    ("uts", LEAF),
    ("volume_driver", LEAF),
    ("volumes", VOLUMES),
    ("volumes_from", SET),
    ("working_dir", LEAF),
]);
