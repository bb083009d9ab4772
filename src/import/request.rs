//! Health checks that do nothing but ask or connect: what the kubelet can do by itself.

use crate::compose::HealthTest;

/// A request that a test makes of its own container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Http {
    pub(super) port: u16,
    pub(super) path: String,
    pub(super) is_https: bool,
}

/// The words of a test that does one thing only: no pipe, no variable, no second command but `|| exit 1`.
fn single(test: &HealthTest) -> Option<Vec<String>> {
    match test {
        HealthTest::Exec(words) => match words.as_slice() {
            [shell, flag, script] if shell.ends_with("sh") && flag == "-c" => {
                single(&HealthTest::Shell(script.clone()))
            }
            words => Some(words.to_vec()),
        },
        HealthTest::Shell(script) => {
            let script = script.trim();
            let script = script
                .strip_suffix("|| exit 1")
                .or_else(|| script.strip_suffix("|| false"))
                .unwrap_or(script);
            let script = script.replace("> /dev/null", "").replace(">/dev/null", "").replace("2>&1", "");
            let is_simple = !script.contains(['|', '&', ';', '$', '`', '<', '>', '(', '*', '\\']);
            is_simple.then(|| {
                script.split_whitespace().map(|word| word.trim_matches(['"', '\'']).to_owned()).collect()
            })
        }
        HealthTest::Disabled | HealthTest::OfImage => None,
    }
}

/// The request of a test that is `curl` or `wget` of the container itself.
pub(super) fn http(test: &HealthTest, service: &str) -> Option<Http> {
    const PLAIN: [&str; 26] = [
        "-f",
        "-s",
        "-S",
        "-q",
        "-fs",
        "-sf",
        "-fsS",
        "-sS",
        "-sSf",
        "-fSs",
        "-L",
        "-fsSL",
        "-k",
        "--fail",
        "--silent",
        "--show-error",
        "--spider",
        "--no-verbose",
        "-nv",
        "--quiet",
        "-O-",
        "-qO-",
        "--insecure",
        "--location",
        "--no-check-certificate",
        "-4",
    ];
    const WITH_VALUE: [&str; 8] =
        ["-o", "-O", "-T", "-m", "-t", "--max-time", "--connect-timeout", "--output"];
    let words = single(test)?;
    let (program, rest) = words.split_first()?;
    if !matches!(program.rsplit('/').next()?, "curl" | "wget") {
        return None;
    }
    let mut url = None;
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            rest.next()?;
        } else if word.starts_with('-') {
            let is_timed = ["--tries=", "--timeout=", "--max-time=", "--retry="]
                .iter()
                .any(|flag| word.starts_with(flag));
            if !is_timed && !PLAIN.contains(&word.as_str()) {
                return None;
            }
        } else if url.replace(word).is_some() {
            return None;
        }
    }
    request(url?, service)
}

fn request(url: &str, service: &str) -> Option<Http> {
    let (rest, is_https) = match url.strip_prefix("https://") {
        Some(rest) => (rest, true),
        None => (url.strip_prefix("http://").unwrap_or(url), false),
    };
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => (host, port.parse().ok()?),
        None => (authority, if is_https { 443 } else { 80 }),
    };
    let is_own = matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]") || host == service;
    is_own.then(|| Http { port, path: format!("/{path}"), is_https })
}

/// The port of a test that only connects: `nc -z localhost 8080`.
pub(super) fn tcp(test: &HealthTest) -> Option<u16> {
    let words = single(test)?;
    let (program, rest) = words.split_first()?;
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    match (program.rsplit('/').next()?, rest.as_slice()) {
        ("nc", ["-z" | "-vz" | "-zv", host, port]) if matches!(*host, "localhost" | "127.0.0.1") => {
            port.parse().ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Http, http, tcp};
    use crate::compose::HealthTest;

    fn shell(script: &str) -> Option<Http> {
        http(&HealthTest::Shell(script.to_owned()), "web")
    }

    fn wanted(port: u16, path: &str) -> Http {
        Http { port, path: path.to_owned(), is_https: false }
    }

    #[test]
    fn a_request_of_its_own_container_is_recognised() {
        assert_eq!(shell("curl -f http://localhost:8080/healthz || exit 1"), Some(wanted(8080, "/healthz")));
        assert_eq!(shell("wget --spider -q http://127.0.0.1/ > /dev/null 2>&1"), Some(wanted(80, "/")));
        assert_eq!(shell("curl -fsS --max-time 3 http://web:3000/a?b=c"), Some(wanted(3000, "/a?b=c")));
        let exec = ["CMD", "curl"].iter().skip(1).chain(&["-f", "http://localhost:9200"]);
        assert_eq!(
            http(&HealthTest::Exec(exec.map(|word| (*word).to_owned()).collect()), "x"),
            Some(wanted(9200, "/"))
        );
    }

    #[test]
    fn anything_more_stays_a_command() {
        for script in [
            "curl -f http://db:8080/",
            "curl -H 'Host: a' http://localhost/",
            "curl localhost:80 | grep ok",
            "curl -f http://localhost:$PORT/",
            "curl -X POST http://localhost/",
            "pg_isready -U app",
        ] {
            assert_eq!(shell(script), None, "{script}");
        }
        assert_eq!(tcp(&HealthTest::Shell("nc -z localhost 5672".to_owned())), Some(5672));
    }
}
