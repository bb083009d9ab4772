//! Users, capabilities and privileges: the pod's and the container's security context, and the level of pod security
//! that they meet.

use super::{
    desk::Desk,
    image::Image,
    user,
    yaml::{Map, row, text, texts},
};
use crate::compose::{Placed, Service};

/// A level of pod security, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum Level {
    #[default]
    Restricted,
    Baseline,
    Privileged,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Restricted => "restricted",
            Self::Baseline => "baseline",
            Self::Privileged => "privileged",
        }
    }
}

/// What a service's containers run as.
#[derive(Clone, Debug, Default)]
pub(super) struct Security {
    pub(super) level: Level,
    /// Why it is not restricted.
    pub(super) reasons: Vec<String>,
    pub(super) user: Option<u32>,
    pub(super) group: Option<u32>,
    pub(super) is_root: bool,
    pub(super) comment: String,
    groups: Vec<i64>,
    is_privileged: bool,
    /// `readOnlyRootFilesystem`, where it is said.
    read_only: Option<bool>,
    /// `allowPrivilegeEscalation`, where it is said.
    escalation: Option<bool>,
    /// The seccomp profile, where it is not the runtime's.
    seccomp: Option<&'static str>,
    add: Vec<String>,
    drop: Vec<String>,
    sysctls: Vec<(String, String)>,
}

impl Security {
    pub(super) fn lower(&mut self, level: Level, reason: impl Into<String>) {
        self.level = self.level.max(level);
        self.reasons.push(reason.into());
    }

    /// The pod's part; `with_user`: the numbers are the whole pod's.
    pub(super) fn pod(&self, has_low_port: bool) -> Map {
        let seccomp = self.seccomp.unwrap_or("RuntimeDefault");
        let mut sysctls: Vec<Map> = self
            .sysctls
            .iter()
            .map(|(name, value)| row([("name", text(name)), ("value", text(value))]))
            .collect();
        let low = "net.ipv4.ip_unprivileged_port_start";
        if has_low_port && !self.is_root && !self.sysctls.iter().any(|(name, _)| name == low) {
            sysctls.push(row([("name", text(low)), ("value", text("0"))]));
        }
        let groups: Vec<super::yaml::Yaml> = self.groups.iter().map(|group| (*group).into()).collect();
        self.numbers()
            .with_some("fsGroup", self.group.or(self.user))
            .with_some("supplementalGroups", Some(super::yaml::Yaml::Row(groups)))
            .with("seccompProfile", Map::new().with("type", seccomp))
            .with_some("sysctls", Some(sysctls))
    }

    fn numbers(&self) -> Map {
        let map = Map::new().note(&self.comment);
        let map = if self.is_root { map } else { map.with("runAsNonRoot", true) };
        map.with_some("runAsUser", if self.is_root { self.user.map(|_| 0) } else { self.user })
            .with_some("runAsGroup", self.group)
    }

    /// The container's part. An init container has its own user in it.
    pub(super) fn container(&self, is_init: bool) -> Map {
        let mut map = if is_init { self.numbers() } else { Map::new() };
        if self.is_privileged {
            map.put("privileged", true);
        }
        let is_restricted = self.level == Level::Restricted;
        if (is_restricted || self.escalation == Some(false)) && !self.is_privileged {
            map.put("allowPrivilegeEscalation", false);
        }
        if self.read_only == Some(true) {
            map.put("readOnlyRootFilesystem", true);
        }
        let mut drop = self.drop.clone();
        if is_restricted && !drop.iter().any(|name| name == "ALL") {
            drop = vec!["ALL".to_owned()];
        }
        let capabilities =
            Map::new().with_some("add", Some(texts(self.add.clone()))).with_some("drop", Some(texts(drop)));
        map.with_some("capabilities", Some(capabilities))
    }
}

/// The capabilities that the level `baseline` lets a container add.
const BASELINE: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// The parameters of the kernel that every kubelet lets a pod set.
const SAFE_SYSCTLS: [&str; 10] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
];

/// What the service's keys say, and the level that this meets.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service, image: &Image) -> Security {
    let mut security = Security::default();
    capabilities(desk, service, &mut security);
    user::tell(desk, service, image, &mut security);
    if let Some(read_only) = &service.read_only {
        security.read_only = Some(read_only.value);
        desk.ledger.mapped(&read_only.path, "readOnlyRootFilesystem");
    }
    if let Some(privileged) = &service.privileged {
        security.is_privileged = privileged.value;
        desk.ledger.mapped(&privileged.path, "privileged");
        if privileged.value {
            security.lower(Level::Privileged, "it is `privileged`");
            desk.ask(
                &service.name,
                Some(&privileged.origin),
                "what does it need the whole of the node for? Name the capabilities or devices instead",
                "a privileged container",
            );
        }
    }
    for option in &service.security_opt {
        security_option(desk, option, &mut security);
    }
    for group in &service.group_add {
        match group.value.parse() {
            Ok(number) => {
                security.groups.push(number);
                desk.ledger.mapped(&group.path, "supplementalGroups");
            }
            Err(_) => desk.ledger.not_mapped(&group.path, "a pod knows groups by their numbers only; look the number up in the image and add it to supplementalGroups"),
        }
    }
    for (name, value) in &service.sysctls {
        if SAFE_SYSCTLS.contains(&name.as_str()) {
            security.sysctls.push((name.clone(), value.value.clone()));
            desk.ledger.mapped(&value.path, "securityContext.sysctls");
        } else {
            desk.ledger.not_mapped(&value.path, "a kubelet refuses this parameter unless it is started with --allowed-unsafe-sysctls; ask whoever runs the cluster, then add it to securityContext.sysctls");
        }
    }
    for (key, placed) in [("pid", &service.pid), ("ipc", &service.ipc)] {
        if let Some(placed) = placed {
            desk.ledger.not_mapped(&placed.path, format!("sharing the {key} namespace with the host takes the level `privileged`; with another service it takes one pod for both and shareProcessNamespace"));
        }
    }
    for reason in security.reasons.clone() {
        desk.ledger.note(
            &service.name,
            format!(
                "its pods meet the pod security level `{}` and not `restricted`: {reason}",
                security.level.word()
            ),
        );
    }
    security
}

fn capabilities(desk: &mut Desk<'_>, service: &Service, security: &mut Security) {
    let bare = |name: &str| name.to_ascii_uppercase().trim_start_matches("CAP_").to_owned();
    for capability in &service.cap_drop {
        security.drop.push(bare(&capability.value));
        desk.ledger.mapped(&capability.path, "capabilities.drop");
    }
    for capability in &service.cap_add {
        let name = bare(&capability.value);
        desk.ledger.mapped(&capability.path, "capabilities.add");
        if name != "NET_BIND_SERVICE" {
            let level = if BASELINE.contains(&name.as_str()) { Level::Baseline } else { Level::Privileged };
            security.lower(level, format!("it has the capability {name}"));
        }
        security.add.push(name);
    }
}

fn security_option(desk: &mut Desk<'_>, option: &Placed<String>, security: &mut Security) {
    let value = option.value.replace('=', ":");
    match value.as_str() {
        "no-new-privileges" | "no-new-privileges:true" => {
            security.escalation = Some(false);
            desk.ledger.mapped(&option.path, "allowPrivilegeEscalation: false");
        }
        "no-new-privileges:false" => desk.ledger.mapped(&option.path, "this is what is so unless it is said"),
        "seccomp:unconfined" => {
            security.seccomp = Some("Unconfined");
            security.lower(Level::Privileged, "it runs without a seccomp profile");
            desk.ledger.mapped(&option.path, "seccompProfile Unconfined");
        }
        other if other.starts_with("seccomp:") => desk.ledger.not_mapped(&option.path, "bring the profile onto each node and name it as seccompProfile {type: Localhost, localhostProfile: …}; until then RuntimeDefault counts"),
        other if other.starts_with("apparmor:") => desk.ledger.not_mapped(&option.path, "bring the profile onto each node and name it as appArmorProfile {type: Localhost, localhostProfile: …}; until then the runtime's default counts"),
        other if other.starts_with("label") => desk.ledger.not_mapped(&option.path, "SELinux labels are seLinuxOptions in the securityContext; say them where the nodes have SELinux"),
        _ => desk.ledger.not_mapped(&option.path, "there is no counterpart of this option; see securityContext"),
    }
}
