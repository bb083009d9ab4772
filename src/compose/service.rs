//! A service of the tree to one of the model.

use std::collections::BTreeMap;

use super::{
    Attachment, Build, Dependency, DependencyCondition, Link, Placed, Service, User,
    at::At,
    notes::Notes,
    paths::{Location, locate},
    ports,
    reader::Reader,
    tree::Node,
};

impl Reader<'_> {
    /// Reads a service.
    pub(super) fn service(&mut self, name: &str, at: &At<'_>) -> Service {
        let (env_files, environment) = self.variables(at);
        let mut mounts = at.get("volumes").map(|value| self.volumes(&value)).unwrap_or_default();
        mounts.extend(at.get("tmpfs").map(|value| self.tmpfs(&value)).unwrap_or_default());
        let build = at.get("build").map(|value| value.placed(self.build(&value)));
        let (limits, reservations) = self.resources(at);
        let mut field = Field { at, notes: &mut self.notes };
        let network_mode = field.text("network_mode");
        let networks = field.read("networks", attachments).unwrap_or_default();
        let mut service = Service {
            name: name.to_owned(),
            origin: at.place.origin(),
            image: field.placed("image", image),
            build,
            entrypoint: field.placed("entrypoint", At::words),
            command: field.placed("command", At::words),
            environment,
            env_files,
            ports: field.read("ports", ports::ports).unwrap_or_default(),
            expose: field.read("expose", ports::exposed).unwrap_or_default(),
            mounts,
            configs: field.read("configs", super::objects::file_mounts).unwrap_or_default(),
            secrets: field.read("secrets", super::objects::file_mounts).unwrap_or_default(),
            networks,
            network_mode,
            links: field.read("links", |at, notes| links(at, false, notes)).unwrap_or_default(),
            depends_on: field.read("depends_on", dependencies).unwrap_or_default(),
            healthcheck: field.read("healthcheck", super::health::healthcheck).flatten(),
            replicas: None,
            mode: None,
            limits,
            reservations,
            restart: field.read("restart", super::deploy::restart).flatten(),
            update: None,
            stop_grace_period: field.placed("stop_grace_period", At::duration),
            stop_signal: field.text("stop_signal"),
            user: field.placed("user", user),
            group_add: field.texts("group_add"),
            working_dir: field.text("working_dir"),
            hostname: field.text("hostname"),
            container_name: field.text("container_name"),
            cap_add: field.texts("cap_add"),
            cap_drop: field.texts("cap_drop"),
            privileged: field.boolean("privileged"),
            read_only: field.boolean("read_only"),
            security_opt: field.texts("security_opt"),
            sysctls: field.pairs("sysctls"),
            tty: field.boolean("tty"),
            stdin_open: field.boolean("stdin_open"),
            init: field.boolean("init"),
            pid: field.text("pid"),
            ipc: field.text("ipc"),
            shm_size: field.placed("shm_size", At::bytes),
            extra_hosts: field.read("extra_hosts", hosts).unwrap_or_default(),
            dns: field.texts("dns"),
            dns_search: field.texts("dns_search"),
            dns_opt: field.texts("dns_opt"),
            labels: field.pairs("labels"),
            annotations: field.pairs("annotations"),
            pull_policy: field.text("pull_policy"),
            platform: field.text("platform"),
            gpus: super::deploy::gpus(at, field.notes),
            placement: Vec::new(),
            hooks: super::health::hooks(at, field.notes),
        };
        service
            .links
            .extend(field.read("external_links", |at, notes| links(at, true, notes)).unwrap_or_default());
        super::deploy::deploy(at, &mut service, field.notes);
        if service.networks.is_empty() && service.network_mode.is_none() {
            let implied = at.placed(Attachment::default());
            service.networks.insert("default".into(), implied);
        }
        service
    }

    fn build(&mut self, at: &At<'_>) -> Build {
        let notes = &mut self.notes;
        let text = |key: &str, notes: &mut Notes| at.get(key).and_then(|value| value.text(notes));
        let context = text("context", notes).unwrap_or_else(|| ".".into());
        let base = &at.value.place.file.base;
        let is_remote = context.contains("://") || context.starts_with("git@");
        let context = match locate(base, &context) {
            Location::Relative(path) if !is_remote && !base.as_os_str().is_empty() => {
                path.display().to_string()
            }
            _ => context,
        };
        let mut args = BTreeMap::new();
        for (name, value) in at.get("args").map(|args| args.entries(notes)).unwrap_or_default() {
            let value = if matches!(value.value.node, Node::Null) { None } else { value.text(notes) };
            args.insert(name.to_owned(), value);
        }
        Build {
            context,
            dockerfile: text("dockerfile", notes),
            inline_dockerfile: text("dockerfile_inline", notes),
            target: text("target", notes),
            args,
            platforms: at.get("platforms").map(|value| value.texts(notes)).unwrap_or_default(),
        }
    }
}

/// The attributes of a service, one after the other.
struct Field<'a, 'v> {
    at: &'a At<'v>,
    notes: &'a mut Notes,
}

impl<'v> Field<'_, 'v> {
    fn read<T>(&mut self, key: &str, read: impl Fn(&At<'v>, &mut Notes) -> T) -> Option<T> {
        self.at.get(key).map(|value| read(&value, self.notes))
    }

    fn placed<T>(&mut self, key: &str, read: impl Fn(&At<'v>, &mut Notes) -> Option<T>) -> Option<Placed<T>> {
        let value = self.at.get(key)?;
        read(&value, self.notes).map(|found| value.placed(found))
    }

    fn text(&mut self, key: &str) -> Option<Placed<String>> {
        self.placed(key, At::text)
    }

    fn boolean(&mut self, key: &str) -> Option<Placed<bool>> {
        self.placed(key, At::boolean)
    }

    fn texts(&mut self, key: &str) -> Vec<Placed<String>> {
        self.read(key, At::placed_texts).unwrap_or_default()
    }

    fn pairs(&mut self, key: &str) -> BTreeMap<String, Placed<String>> {
        self.read(key, At::placed_pairs).unwrap_or_default()
    }
}

fn image(at: &At<'_>, notes: &mut Notes) -> Option<String> {
    let text = at.text(notes)?;
    if text.is_empty() || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        at.error("this names no image", "write it as in `nginx:1.29`, without blanks", notes);
        return None;
    }
    Some(text)
}

fn attachments(at: &At<'_>, notes: &mut Notes) -> BTreeMap<String, Placed<Attachment>> {
    let mut found = BTreeMap::new();
    for (name, value) in at.entries(notes) {
        let text = |key: &str, notes: &mut Notes| value.get(key).and_then(|value| value.text(notes));
        let attachment = Attachment {
            aliases: value.get("aliases").map(|aliases| aliases.texts(notes)).unwrap_or_default(),
            ipv4_address: text("ipv4_address", notes),
            ipv6_address: text("ipv6_address", notes),
        };
        for (address, is_v4) in [(&attachment.ipv4_address, true), (&attachment.ipv6_address, false)] {
            let Some(address) = address else { continue };
            let is_right = if is_v4 {
                address.parse::<core::net::Ipv4Addr>().is_ok()
            } else {
                address.parse::<core::net::Ipv6Addr>().is_ok()
            };
            if !is_right {
                value.error(format!("`{address}` is no address"), "", notes);
            }
        }
        found.insert(name.to_owned(), value.placed(attachment));
    }
    found
}

fn links(at: &At<'_>, is_external: bool, notes: &mut Notes) -> Vec<Placed<Link>> {
    let read = |item: &At<'_>, notes: &mut Notes| {
        let text = item.text(notes)?;
        let (target, alias) = match text.split_once(':') {
            Some((target, alias)) => (target.to_owned(), Some(alias.to_owned())),
            None => (text, None),
        };
        Some(item.placed(Link { target, alias, is_external }))
    };
    at.items(notes).iter().filter_map(|item| read(item, notes)).collect()
}

fn dependencies(at: &At<'_>, notes: &mut Notes) -> BTreeMap<String, Placed<Dependency>> {
    const CONDITIONS: [(&str, DependencyCondition); 3] = [
        ("service_started", DependencyCondition::Started),
        ("service_healthy", DependencyCondition::Healthy),
        ("service_completed_successfully", DependencyCondition::Completed),
    ];
    let mut found = BTreeMap::new();
    for (name, value) in at.entries(notes) {
        let boolean = |key: &str, notes: &mut Notes| value.get(key).and_then(|value| value.boolean(notes));
        let condition = value.get("condition").and_then(|value| value.choice(&CONDITIONS, notes));
        let dependency = Dependency {
            condition: condition.unwrap_or(DependencyCondition::Started),
            is_required: boolean("required", notes).unwrap_or(true),
            restarts: boolean("restart", notes).unwrap_or_default(),
        };
        found.insert(name.to_owned(), value.placed(dependency));
    }
    found
}

fn hosts(at: &At<'_>, notes: &mut Notes) -> Vec<Placed<(String, Vec<String>)>> {
    let mut found = Vec::new();
    for (name, value) in at.entries(notes) {
        let addresses: Vec<String> = value.texts(notes);
        let bare = |address: &String| address.trim_start_matches('[').trim_end_matches(']').to_owned();
        found.push(value.placed((name.to_owned(), addresses.iter().map(bare).collect())));
    }
    found
}

fn user(at: &At<'_>, notes: &mut Notes) -> Option<User> {
    let text = at.text(notes)?;
    let (user, group) = match text.split_once(':') {
        Some((user, group)) => (user.to_owned(), Some(group.to_owned()).filter(|group| !group.is_empty())),
        None => (text, None),
    };
    Some(User { user, group })
}
