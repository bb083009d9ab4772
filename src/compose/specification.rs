//! The Compose Specification as a table.
//!
//! Kept by hand after `schema/compose-spec.json` and `13-merge.md` of <https://github.com/compose-spec/compose-spec>.

use super::{
    shape::{Below, Form, Identity, Shape},
    specification_parts::{
        ANYTHING, ATTACHMENT, BLOCK_LIMIT, BUILD, DEPLOY, DEVICES, EXTERNAL, FILE_MOUNTS, HOOKS, HOSTS, LEAF,
        LISTED, OPTIONS, PAIRS, PORTS, SECRET_PAIRS, SET, ULIMITS, VOLUMES, WATCH, WHOLE, fields, hidden,
        mapping, named, shape, unique,
    },
};

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
