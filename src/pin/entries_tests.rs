use super::{Pin, edits};
use crate::pin::{applied, undone};

const ONE: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const TWO: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

fn pin(name: &str, tag: &str, digest: &str) -> Pin {
    Pin { name: name.into(), tag: tag.into(), digest: digest.into() }
}

/// The text with these pins, after seeing that it can be undone.
fn pinned(text: &str, pins: &[Pin]) -> String {
    let edits = edits(text, pins).unwrap();
    let new = applied(text, &edits).unwrap();
    assert_eq!(undone(&new, &edits).unwrap(), text);
    assert_eq!(super::edits(&new, pins).unwrap(), [], "pinning twice changes nothing");
    new
}

#[test]
fn an_entry_gets_its_digest_behind_its_tag_and_nothing_else_moves() {
    let text = "# ours\nimages:\n  - name: gateway # by the team\n    newName: ghcr.io/acme/gateway\n    newTag: 1.4.2   # see #12\n\n  - newTag: \"3\"\n    name: ghcr.io/acme/app\npatches: []\n";
    let new = pinned(text, &[pin("ghcr.io/acme/gateway", "1.4.2", ONE), pin("ghcr.io/acme/app", "3", TWO)]);
    let wanted = text
        .replace("# see #12\n", &format!("# see #12\n    digest: {ONE}\n"))
        .replace("\"3\"\n", &format!("\"3\"\n    digest: {TWO}\n"));
    assert_eq!(new, wanted);
}

#[test]
fn a_digest_that_is_there_is_replaced() {
    let text = format!("images:\n- name: a\n  digest: '{ONE}' # pinned\n  newTag: v1\n");
    assert_eq!(pinned(&text, &[pin("a", "v1", TWO)]), text.replace(ONE, TWO));
}

#[test]
fn what_has_no_entry_gets_one() {
    let entry =
        |dash: &str| format!("{dash}- name: busybox\n{dash}  newTag: \"1.36\"\n{dash}  digest: {ONE}\n");
    let pins = [pin("busybox", "1.36", ONE)];
    for (text, wanted) in [
        ("resources: [a]\n", format!("resources: [a]\nimages:\n{}", entry("  "))),
        ("resources: [a]", format!("resources: [a]\nimages:\n{}", entry("  "))),
        ("images:\nresources: [a]\n", format!("images:\n{}resources: [a]\n", entry("  "))),
        (
            "images:\n- name: a\n  newTag: v1\n# end\nresources: [a]\n",
            format!("images:\n- name: a\n  newTag: v1\n{}# end\nresources: [a]\n", entry("")),
        ),
    ] {
        assert_eq!(pinned(text, &pins), wanted);
    }
}

#[test]
fn an_entry_without_a_tag_gets_the_rendered_one() {
    let text = "images:\n  - name: busybox\n    newName: mirror/busybox\n";
    let new = pinned(text, &[pin("mirror/busybox", "1.36", ONE)]);
    assert_eq!(
        new,
        format!("{text}    newTag: \"1.36\"\n    digest: {ONE}\n")
            .replace("busybox\n    newTag", "busybox\n    newTag")
    );
}

#[test]
fn one_line_entries_and_foreign_line_ends_stay_what_they_are() {
    let new = pinned("images: [{name: a, newTag: v1}, {name: b, newTag: v2}]\n", &[pin("b", "v2", ONE)]);
    assert_eq!(new, format!("images: [{{name: a, newTag: v1}}, {{name: b, digest: {ONE}, newTag: v2}}]\n"));
    let new = pinned("images:\r\n- name: a\r\n  newTag: v1\r\n", &[pin("a", "v1", ONE)]);
    assert_eq!(new, format!("images:\r\n- name: a\r\n  newTag: v1\r\n  digest: {ONE}\r\n"));
}

#[test]
fn names_that_two_entries_come_to_are_told_apart_by_their_tags() {
    let text =
        "images:\n  - name: a\n    newName: x\n    newTag: v1\n  - name: b\n    newName: x\n    newTag: v2\n";
    let new = pinned(text, &[pin("x", "v1", ONE), pin("x", "v2", TWO)]);
    assert!(new.contains(&format!("newTag: v1\n    digest: {ONE}")), "{new}");
    assert!(new.contains(&format!("newTag: v2\n    digest: {TWO}")), "{new}");
}

#[test]
fn what_cannot_be_edited_safely_is_refused() {
    let two = [pin("a", "v1", ONE), pin("a", "v2", TWO)];
    for (text, pins, part) in [
        ("images:\n  - name: a\n", &two[..], "with the tags v1 and v2"),
        ("resources: []\n", &two[..], "with the tags v1 and v2"),
        ("images: []\n", &two[..1], "images: []"),
        ("images: [{name: b}]\n", &two[..1], "one key a line"),
        ("{resources: [a]}\n", &two[..1], "without changing more"),
        ("images:\n  - &e {name: a, newTag: v1}\n  - *e\n", &two[..1], "without changing more"),
        ("images: [\n", &two[..1], ""),
    ] {
        let refused = edits(text, pins).unwrap_err();
        assert!(refused.contains(part), "{text}: {refused}");
    }
}
