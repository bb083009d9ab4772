//! Health checks as probes.

use std::time::Duration;

use super::{
    arguments,
    desk::Desk,
    environment::Environment,
    hidden,
    ports::Ports,
    request,
    yaml::{Map, Yaml, row, text, texts},
};
use crate::compose::{HealthTest, Healthcheck, Protocol, Service};

/// The service's probes, by their key.
pub(super) fn of(
    desk: &mut Desk<'_>,
    service: &Service,
    ports: &Ports,
    environment: &mut Environment,
) -> Vec<(&'static str, Map)> {
    let Some(check) = &service.healthcheck else { return without(desk, service, ports) };
    let path = &check.path;
    match &check.value.test {
        HealthTest::Disabled => {
            desk.ledger.mapped(path, "no probes");
            return Vec::new();
        }
        HealthTest::OfImage => {
            desk.ledger.not_mapped(path, "the test is the image's own (`docker inspect` shows its Healthcheck), which Kubernetes does not look at: write it as a readinessProbe");
            return without(desk, service, ports);
        }
        HealthTest::Exec(_) | HealthTest::Shell(_) => {}
    }
    let action = if let Some(http) = request::http(&check.value.test, &service.name) {
        desk.ledger.approximated(path, "httpGet probes: the kubelet asks by itself, at the pod's address, and takes 200 to 399 for healthy");
        let port = ports.of(http.port).map_or_else(|| Yaml::from(http.port), |port| text(&port.name));
        let mut get = Map::new().with("path", &http.path).with("port", port);
        if http.is_https {
            get.put("scheme", "HTTPS");
        }
        Map::new().with("httpGet", get.on_one_line())
    } else if let Some(number) = request::tcp(&check.value.test) {
        desk.ledger
            .approximated(path, "tcpSocket probes: the kubelet connects by itself, at the pod's address");
        let port = ports.of(number).map_or_else(|| Yaml::from(number), |port| text(&port.name));
        Map::new().with("tcpSocket", row([("port", port)]))
    } else {
        desk.ledger.mapped(path, "exec probes with the same command");
        let Some(command) = command(desk, service, environment, &check.value.test, path) else {
            return without(desk, service, ports);
        };
        Map::new().with("exec", Map::new().with("command", command))
    };
    times(&action, &check.value)
}

/// Ready when it listens, where nothing is said.
fn without(desk: &mut Desk<'_>, service: &Service, ports: &Ports) -> Vec<(&'static str, Map)> {
    let Some(port) = ports.own.iter().find(|port| port.protocol == Protocol::Tcp) else {
        desk.ledger.note(&service.name, "no health check and no port: it counts as ready as soon as it runs");
        return Vec::new();
    };
    desk.ledger.note(&service.name, format!("no health check is said: it counts as ready when its port {} accepts a connection; a test of its own would say more", port.number));
    let probe = Map::new()
        .note("No health check is said in the compose file: it is ready when it listens.")
        .with("tcpSocket", row([("port", text(&port.name))]))
        .with("periodSeconds", 5_u64);
    vec![("readinessProbe", probe)]
}

fn times(action: &Map, check: &Healthcheck) -> Vec<(&'static str, Map)> {
    let seconds = |time: Duration| (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1);
    let interval = check.interval.map_or(30, seconds);
    let timeout = check.timeout.map_or_else(|| interval.min(30), seconds);
    let retries = u64::from(check.retries.unwrap_or(3).max(1));
    let probe = |period: u64, failures: u64| {
        action
            .clone()
            .with("periodSeconds", period)
            .with("timeoutSeconds", timeout)
            .with("failureThreshold", failures)
    };
    let mut probes = Vec::new();
    if let Some(start) = check.start_period.filter(|start| !start.is_zero()) {
        let period = check.start_interval.map_or_else(|| interval.min(5), seconds);
        probes.push(("startupProbe", probe(period, seconds(start).div_ceil(period) + retries)));
    }
    probes.push(("readinessProbe", probe(interval, retries)));
    probes.push(("livenessProbe", probe(interval, retries)));
    probes
}

/// The command, with secrets taken from the container's variables by a shell.
fn command(
    desk: &mut Desk<'_>,
    service: &Service,
    environment: &mut Environment,
    test: &HealthTest,
    path: &str,
) -> Option<Yaml> {
    let (words, is_shell) = match test {
        HealthTest::Shell(script) => (vec![script.clone()], true),
        HealthTest::Exec(words) => (words.clone(), false),
        HealthTest::Disabled | HealthTest::OfImage => (Vec::new(), false),
    };
    let found = hidden::find(&words, &desk.secret_values);
    if arguments::is_unfound(desk, service, &found, path) {
        return None;
    }
    if found.is_empty() {
        return Some(if is_shell {
            texts(["sh".to_owned(), "-c".to_owned(), words.concat()])
        } else {
            texts(words)
        });
    }
    let mut script = if is_shell {
        words.concat()
    } else {
        words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    };
    for hidden in found {
        let variable = arguments::variable_for(desk, service, environment, &hidden, path);
        let whole = quoted(&hidden.value);
        if !is_shell && script.contains(&whole) {
            script = script.replace(&whole, &format!("\"${{{variable}}}\""));
        }
        script = script.replace(&hidden.value, &format!("${{{variable}}}"));
    }
    Some(texts(["sh".to_owned(), "-c".to_owned(), script]))
}

/// As one word of a shell.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@,+%".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::times;
    use crate::compose::{HealthTest, Healthcheck};
    use crate::import::yaml::{Map, document};

    #[test]
    fn a_start_period_is_a_startup_probe() {
        let check = Healthcheck {
            test: HealthTest::OfImage,
            interval: Some(Duration::from_secs(10)),
            timeout: Some(Duration::from_millis(1500)),
            retries: Some(4),
            start_period: Some(Duration::from_mins(1)),
            start_interval: None,
        };
        let probes = times(&Map::new(), &check);
        let text: Vec<String> = probes
            .iter()
            .map(|(key, probe)| format!("{key} {}", document("", probe).replace('\n', " ")))
            .collect();
        assert_eq!(text[0], "startupProbe periodSeconds: 5 timeoutSeconds: 2 failureThreshold: 16 ");
        assert_eq!(text[1], "readinessProbe periodSeconds: 10 timeoutSeconds: 2 failureThreshold: 4 ");
    }
}
