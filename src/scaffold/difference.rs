//! The difference between two texts, for people.

use similar::TextDiff;

use super::RelativePath;

/// Lines of both texts together; more is compared by nobody, and takes its time.
const MOST_LINES: usize = 20_000;

/// A unified diff with three lines of context, or why there is none. A text that is there may hold what the
/// operator has put into it: of a Secret with values nothing is shown.
pub(super) fn difference(path: &RelativePath, there: Option<&str>, wanted: Option<&str>) -> Option<String> {
    if there == wanted {
        return None;
    }
    let (old, new) = (there.unwrap_or_default(), wanted.unwrap_or_default());
    if there.is_some_and(holds_a_secret) {
        return Some(format!("{path} holds a Secret: what differs is not shown\n"));
    }
    if old.lines().count() + new.lines().count() > MOST_LINES {
        return Some(format!("{path} is too long for its difference to be shown\n"));
    }
    let side = |side: &str, text: Option<&str>| {
        text.map_or_else(|| "/dev/null".to_owned(), |_| format!("{side}/{path}"))
    };
    let diff = TextDiff::from_lines(old, new);
    Some(diff.unified_diff().header(&side("a", there), &side("b", wanted)).to_string())
}

fn holds_a_secret(text: &str) -> bool {
    text.lines().any(|line| {
        let line: String = line.chars().filter(|c| !c.is_whitespace() && *c != '"' && *c != '\'').collect();
        line.contains("kind:Secret") && !line.contains("kind:SecretS")
    })
}

#[cfg(test)]
mod tests {
    use super::difference;

    fn shown(there: Option<&str>, wanted: Option<&str>) -> Option<String> {
        difference(&"a.yml".parse().unwrap(), there, wanted)
    }

    #[test]
    fn a_difference_is_a_unified_diff() {
        assert_eq!(shown(Some("x\n"), Some("x\n")), None);
        assert_eq!(
            shown(Some("one\ntwo\n"), Some("one\nthree\n")).unwrap(),
            "--- a/a.yml\n+++ b/a.yml\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n"
        );
        assert_eq!(shown(None, Some("x\n")).unwrap(), "--- /dev/null\n+++ b/a.yml\n@@ -0,0 +1 @@\n+x\n");
    }

    #[test]
    fn what_the_operator_put_into_a_secret_is_not_shown() {
        for kind in ["kind: Secret", "  \"kind\" : 'Secret'", "{kind: Secret, data: {a: aHVudGVyMg==}}"] {
            let there = format!("{kind}\nstringData:\n  password: hunter2\n");
            let shown = shown(Some(&there), Some("kind: ConfigMap\n")).unwrap();
            assert!(!shown.contains("hunter2") && !shown.contains("aHVu"), "{shown}");
        }
    }
}
