//! `healthcheck`, `post_start`, `pre_stop`.

use super::{HealthTest, Healthcheck, Hook, Placed, at::At, notes::Notes, tree::Node};

/// `healthcheck`.
pub(super) fn healthcheck(at: &At<'_>, notes: &mut Notes) -> Option<Placed<Healthcheck>> {
    if !at.is_map() {
        at.expected("a mapping", "write `test:` below it", notes);
        return None;
    }
    let is_disabled = at.get("disable").and_then(|value| value.boolean(notes)).unwrap_or_default();
    let test = match at.get("test") {
        _ if is_disabled => HealthTest::Disabled,
        None => HealthTest::OfImage,
        Some(value) => test(&value, notes).unwrap_or(HealthTest::OfImage),
    };
    let duration = |key: &str, notes: &mut Notes| at.get(key).and_then(|value| value.duration(notes));
    Some(at.placed(Healthcheck {
        test,
        interval: duration("interval", notes),
        timeout: duration("timeout", notes),
        retries: at.get("retries").and_then(|value| value.number(notes)),
        start_period: duration("start_period", notes),
        start_interval: duration("start_interval", notes),
    }))
}

fn test(at: &At<'_>, notes: &mut Notes) -> Option<HealthTest> {
    const HINT: &str = "begin the list with `CMD`, `CMD-SHELL` or `NONE`";
    if !matches!(at.value.node, Node::List(_)) {
        return at.text(notes).map(HealthTest::Shell);
    }
    let mut words = at.texts(notes).into_iter();
    let sort = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    match (sort.as_str(), rest.is_empty()) {
        ("NONE", _) => Some(HealthTest::Disabled),
        ("CMD", false) => Some(HealthTest::Exec(rest)),
        ("CMD-SHELL", false) => Some(HealthTest::Shell(rest.join(" "))),
        ("CMD" | "CMD-SHELL", true) => {
            at.error(format!("nothing is behind `{sort}`"), "write what is run", notes);
            None
        }
        _ => {
            at.error("this test does not say how it is run", HINT, notes);
            None
        }
    }
}

/// `post_start` and `pre_stop`.
pub(super) fn hooks(service: &At<'_>, notes: &mut Notes) -> Vec<Placed<Hook>> {
    let mut found = Vec::new();
    for (key, is_pre_stop) in [("post_start", false), ("pre_stop", true)] {
        let Some(list) = service.get(key) else { continue };
        for item in list.items(notes) {
            match item.get("command") {
                Some(command) => {
                    let words = command.words(notes);
                    found.extend(words.map(|command| item.placed(Hook { is_pre_stop, command })));
                }
                None => item.error("this hook has no `command`", "", notes),
            }
        }
    }
    found
}
