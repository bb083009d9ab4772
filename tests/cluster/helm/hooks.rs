//! Hooks are shown with what they are and what changes in them; what helm says of a failure quotes no value.

use libtest_mimic::Trial;
use serde_json::json;

use super::charts::{SETTINGS, VALUES, chart_of, failing_hook, migration, migration_of, write_chart};
use crate::support::{Cluster, Migration, trial};

pub fn trials() -> Vec<Trial> {
    vec![
        trial("helm::a_hook_that_changes_is_shown_with_its_place", a_hook_that_changes),
        trial("helm::what_helm_says_quotes_no_value", nothing_is_quoted),
        trial("helm::a_hook_that_keeps_a_release_from_going_is_named", a_hook_that_keeps),
        trial("helm::a_key_that_is_a_boolean_to_helm_comes_to_rest", a_key_that_is_a_boolean),
    ]
}

const HOOK: (&str, &str) = (
    "templates/hook.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-hook, namespace: default, \
     annotations: {\"helm.sh/hook\": \"pre-install,pre-upgrade\"}}\ndata: {word: {{ .Values.word | quote }}}\n",
);

async fn a_hook_that_changes(cluster: &Cluster) {
    let namespace = cluster.namespace("hook-change").await;
    let name = format!("helm:\n  chart: chart\n  release: {}", namespace.name());
    let migration = migration_of(cluster, namespace.name(), &name);
    write_chart(&chart_of(&migration), "0.1.0", "level: info\nword: one\n", &[SETTINGS, HOOK]);
    migration.apply("week-1/web").await.expect(0);
    write_chart(&chart_of(&migration), "0.1.0", "level: info\nword: other\n", &[]);
    let shown = migration.plan("week-1/web").await.expect(3);
    let proposal = &shown.report["proposals"][0];
    let hook = &proposal["release"]["hooks"][0];
    assert_eq!((&hook["key"]["namespace"], &hook["change"]), (&json!("default"), &json!("change")), "{hook}");
    assert_eq!(hook["fields"][0], json!({"path": "data.word", "before": "one", "after": "other"}), "{hook}");
    let risks = proposal["risks"].to_string();
    assert!(risks.contains("-hook in default: pre-install, pre-upgrade, changed"), "{risks}");
    let text = migration.run(&["plan", "week-1/web"]).await.stdout;
    assert!(text.contains("-hook in default: pre-install, pre-upgrade, changed\n    data.word"), "{text}");
}

/// A chart that fails with values in its words, once as they are and once cut and in small letters.
const SAYS: (&str, &str) = (
    "templates/says.yaml",
    "{{ fail (printf \"cannot reach %s as %s\" .Values.conn (.Values.login | trunc 9 | lower)) }}\n",
);

async fn nothing_is_quoted(cluster: &Cluster) {
    let namespace = cluster.namespace("quoted").await;
    let set = "set: {conn: \"postgres://user:CanaryPW77@db/x\", login: SomeCANARY42}";
    let migration: Migration = migration(cluster, namespace.name(), set);
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, SAYS]);
    let refused = migration.plan("week-1/web").await.expect(5);
    let problems = refused.problems();
    assert!(problems.contains("cannot reach ••••••"), "{problems}");
    let journal = migration.journal().iter().map(ToString::to_string).collect::<String>();
    for said in [problems, journal, refused.output.stdout, refused.output.stderr] {
        assert!(!said.to_lowercase().contains("canary"), "{said}");
    }
}

async fn a_hook_that_keeps(cluster: &Cluster) {
    let namespace = cluster.namespace("hook-keeps").await;
    let migration = migration(cluster, namespace.name(), "");
    let stays = failing_hook("stays", "pre-delete");
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, ("templates/stays.yaml", &stays)]);
    migration.apply("week-1/web").await.expect(0);
    let stopped = migration.rollback("week-1/web").await.expect(6);
    let problems = stopped.problems();
    assert!(problems.contains("web-stays"), "{problems}");
    let way = format!("helm uninstall web --namespace {} --no-hooks", namespace.name());
    assert!(problems.contains(&way), "{problems}");
}

async fn a_key_that_is_a_boolean(cluster: &Cluster) {
    let namespace = cluster.namespace("yes-key").await;
    let migration = migration(cluster, namespace.name(), "");
    let keyed =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: keyed}\ndata:\n  y: \"a\"\n  \"n\": \"b\"\n";
    write_chart(&chart_of(&migration), "0.1.0", VALUES, &[SETTINGS, ("templates/keyed.yaml", keyed)]);
    migration.apply("week-1/web").await.expect(0);
    let again = migration.plan("week-1/web").await.expect(0);
    assert!(again.changes().iter().all(|change| change.starts_with("same ")), "{:?}", again.changes());
}
