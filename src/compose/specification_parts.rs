//! The parts that the specification's attributes are made of.

use super::shape::{Below, Form, Identity, Shape};

pub(super) const fn shape(form: Form, below: Below) -> Shape {
    Shape { form, below, is_hidden: false }
}

pub(super) const fn fields(fields: &'static [(&'static str, Shape)]) -> Shape {
    shape(Form::Plain, Below::Fields(fields))
}

pub(super) const fn mapping(fields: &'static [(&'static str, Shape)]) -> Shape {
    shape(Form::Mapping, Below::Fields(fields))
}

pub(super) const fn named(of: &'static Shape) -> Shape {
    shape(Form::Plain, Below::Named(of))
}

pub(super) const fn unique(identity: Identity, below: Below) -> Shape {
    shape(Form::Unique(identity), below)
}

pub(super) const fn hidden(shape: Shape) -> Shape {
    Shape { is_hidden: true, ..shape }
}

pub(super) const LEAF: Shape = shape(Form::Plain, Below::Nothing);
pub(super) const WHOLE: Shape = shape(Form::Whole, Below::Nothing);
pub(super) const SET: Shape = unique(Identity::Itself, Below::Nothing);
pub(super) const LISTED: Shape = shape(Form::Listed, Below::Nothing);
pub(super) const PAIRS: Shape = shape(Form::Pairs, Below::Named(&LEAF));
pub(super) const SECRET_PAIRS: Shape = hidden(PAIRS);
pub(super) const HOSTS: Shape = shape(Form::Hosts, Below::Named(&LISTED));
pub(super) const ANYTHING: Shape = shape(Form::Plain, Below::Anything);
pub(super) const OPTIONS: Shape = named(&LEAF);
pub(super) const EXTERNAL: Shape = fields(&[("name", LEAF)]);

pub(super) const FILE_MOUNTS: Shape = unique(
    Identity::FileTarget,
    Below::Fields(&[("source", LEAF), ("target", LEAF), ("uid", LEAF), ("gid", LEAF), ("mode", LEAF)]),
);

pub(super) const ULIMITS: Shape = named(&fields(&[("soft", LEAF), ("hard", LEAF)]));

pub(super) const HOOKS: Shape = fields(&[
    ("command", WHOLE),
    ("user", LEAF),
    ("privileged", LEAF),
    ("working_dir", LEAF),
    ("environment", SECRET_PAIRS),
]);

pub(super) const BLOCK_LIMIT: Shape = fields(&[("path", LEAF), ("rate", LEAF)]);

pub(super) const DEVICES: Shape = fields(&[
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

pub(super) const DEPLOY: Shape = mapping(&[
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

pub(super) const BUILD: Shape = shape(
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

pub(super) const PORTS: Shape = unique(
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

pub(super) const VOLUMES: Shape = unique(
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

pub(super) const ATTACHMENT: Shape = mapping(&[
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

pub(super) const WATCH: Shape = fields(&[
    ("path", LEAF),
    ("action", LEAF),
    ("target", LEAF),
    ("ignore", LISTED),
    ("include", LISTED),
    ("initial_sync", LEAF),
    ("exec", HOOKS),
]);
