//! A project as a short text: only what is said in it.

use std::fmt::{Debug, Write as _};

use migrate_tui::compose::{
    Attachment, BindSource, FileContent, FileObject, Mount, MountSource, Placed, Port, Project, Service,
};

pub(crate) fn project(project: &Project) -> String {
    let mut text = format!("project {}\n", project.name);
    for (name, variable) in &project.variables {
        let uses: Vec<String> = variable.uses.iter().map(|used| used.path.clone()).collect();
        writeln!(text, "variable {name}: {:?}, in {}", variable.source, uses.join(", ")).unwrap();
    }
    for service in project.services.values() {
        text.push_str(&self::service(service));
    }
    for (name, network) in &project.networks {
        let driver = network.driver.as_ref().map(|driver| driver.value.as_str());
        let own = network.name.as_ref().map(|name| name.value.as_str());
        writeln!(
            text,
            "network {name}: external {}, internal {}, driver {driver:?}, name {own:?}",
            network.is_external, network.is_internal
        )
        .unwrap();
    }
    for (name, volume) in &project.volumes {
        let driver = volume.driver.as_ref().map(|driver| driver.value.as_str());
        let own = volume.name.as_ref().map(|name| name.value.as_str());
        let options: Vec<String> =
            volume.driver_opts.iter().map(|(key, value)| format!("{key}={}", value.value)).collect();
        writeln!(
            text,
            "volume {name}: external {}, driver {driver:?}, name {own:?}, [{}]",
            volume.is_external,
            options.join(" ")
        )
        .unwrap();
    }
    for (sort, objects) in [("secret", &project.secrets), ("config", &project.configs)] {
        for (name, object) in objects {
            writeln!(text, "{sort} {name}: {}", self::object(object)).unwrap();
        }
    }
    for service in &project.inactive {
        writeln!(text, "inactive {} ({})", service.value, service.origin).unwrap();
    }
    text
}

fn service(service: &Service) -> String {
    let mut lines = Lines { text: format!("service {} ({})\n", service.name, service.origin) };
    lines.one("image", service.image.as_ref());
    if let Some(build) = &service.build {
        let build = &build.value;
        lines.line(
            "build",
            &format!(
                "{} {:?} inline {} target {:?} args {:?} platforms {:?}",
                build.context,
                build.dockerfile,
                build.inline_dockerfile.is_some(),
                build.target,
                build.args,
                build.platforms
            ),
        );
    }
    lines.one("entrypoint", service.entrypoint.as_ref());
    lines.one("command", service.command.as_ref());
    for (name, variable) in &service.environment {
        let value = variable.value.as_ref().map(|value| value.value.as_str());
        let names = &variable.variables;
        lines.line("env", &format!("{name}={value:?} file {} names {names:?}", variable.from_file));
    }
    lines.many("env_file", &service.env_files);
    for port in &service.ports {
        lines.line("port", &self::port(&port.value));
    }
    lines.many("expose", &service.expose);
    for mount in &service.mounts {
        lines.line("mount", &self::mount(&mount.value));
    }
    lines.many("config", &service.configs);
    lines.many("secret", &service.secrets);
    for (name, attachment) in &service.networks {
        lines.line("network", &self::attachment(name, &attachment.value));
    }
    lines.one("network_mode", service.network_mode.as_ref());
    lines.many("link", &service.links);
    for (name, dependency) in &service.depends_on {
        lines.line("depends_on", &format!("{name} {:?}", dependency.value));
    }
    lines.one("healthcheck", service.healthcheck.as_ref());
    lines.one("replicas", service.replicas.as_ref());
    lines.one("mode", service.mode.as_ref());
    for (what, resources) in [("limit", &service.limits), ("reservation", &service.reservations)] {
        lines.one(&format!("{what} cpus"), resources.cpus.as_ref());
        lines.one(&format!("{what} memory"), resources.memory.as_ref());
        lines.one(&format!("{what} pids"), resources.pids.as_ref());
    }
    lines.one("restart", service.restart.as_ref());
    lines.one("update", service.update.as_ref());
    lines.one("stop_grace_period", service.stop_grace_period.as_ref());
    lines.one("stop_signal", service.stop_signal.as_ref());
    lines.one("user", service.user.as_ref());
    lines.many("group_add", &service.group_add);
    lines.one("working_dir", service.working_dir.as_ref());
    lines.one("hostname", service.hostname.as_ref());
    lines.one("container_name", service.container_name.as_ref());
    lines.many("cap_add", &service.cap_add);
    lines.many("cap_drop", &service.cap_drop);
    lines.one("privileged", service.privileged.as_ref());
    lines.one("read_only", service.read_only.as_ref());
    lines.many("security_opt", &service.security_opt);
    for (name, value) in &service.sysctls {
        lines.line("sysctl", &format!("{name}={}", value.value));
    }
    lines.one("tty", service.tty.as_ref());
    lines.one("stdin_open", service.stdin_open.as_ref());
    lines.one("init", service.init.as_ref());
    lines.one("pid", service.pid.as_ref());
    lines.one("ipc", service.ipc.as_ref());
    lines.one("shm_size", service.shm_size.as_ref());
    lines.many("extra_host", &service.extra_hosts);
    lines.many("dns", &service.dns);
    lines.many("dns_search", &service.dns_search);
    lines.many("dns_opt", &service.dns_opt);
    for (name, value) in &service.labels {
        lines.line("label", &format!("{name}={}", value.value));
    }
    for (name, value) in &service.annotations {
        lines.line("annotation", &format!("{name}={}", value.value));
    }
    lines.one("pull_policy", service.pull_policy.as_ref());
    lines.one("platform", service.platform.as_ref());
    lines.one("gpus", service.gpus.as_ref());
    lines.many("placement", &service.placement);
    lines.many("hook", &service.hooks);
    lines.text
}

struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, what: &str, value: &str) {
        writeln!(self.text, "  {what} {value}").unwrap();
    }

    fn one<T: Debug>(&mut self, what: &str, value: Option<&Placed<T>>) {
        if let Some(value) = value {
            self.line(what, &format!("{:?} ({})", value.value, value.origin));
        }
    }

    fn many<T: Debug>(&mut self, what: &str, values: &[Placed<T>]) {
        for value in values {
            self.line(what, &format!("{:?} ({})", value.value, value.path));
        }
    }
}

fn port(port: &Port) -> String {
    let published = port.published.as_deref().unwrap_or("-");
    let ip = port.host_ip.as_deref().unwrap_or("-");
    let more = (&port.name, &port.app_protocol, port.is_host_mode);
    format!("{ip} {published} {}/{:?} {more:?}", port.target, port.protocol)
}

fn mount(mount: &Mount) -> String {
    let source = match &mount.source {
        MountSource::Bind(source) => bind(source),
        other => format!("{other:?}"),
    };
    let access = if mount.is_read_only { "ro" } else { "rw" };
    let subpath = mount.subpath.as_ref().map(|path| format!(" below {path}")).unwrap_or_default();
    format!("{} {access} from {source}{subpath}", mount.target)
}

fn bind(source: &BindSource) -> String {
    format!("{:?} inside {:?} {:?}", source.written, source.inside, source.found)
}

fn object(object: &FileObject) -> String {
    let content = match &object.content {
        FileContent::File(source) => format!("file {}", bind(source)),
        FileContent::Inline(content) => format!("inline {content:?}"),
        other => format!("{other:?}"),
    };
    format!("{content} name {:?}", object.name.as_ref().map(|name| &name.value))
}

fn attachment(name: &str, attachment: &Attachment) -> String {
    let Attachment { aliases, ipv4_address, ipv6_address } = attachment;
    format!("{name} aliases {aliases:?} v4 {ipv4_address:?} v6 {ipv6_address:?}")
}
