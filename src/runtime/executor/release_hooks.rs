//! Hooks of a release, as they are shown.

use super::Executor;
use crate::{
    diff::{Change, HookView, Risk, RiskKind, shown_changes},
    helm::{Hook, Release, Rendered, blanked},
    object::{Key, Object},
};

impl Executor {
    /// The hooks of a revision, placed.
    pub(super) async fn hooks_of(&self, release: Option<&Release>, namespace: &str) -> Vec<Hook> {
        let hooks = release.map(|release| release.hooks.clone()).unwrap_or_default();
        self.placed(hooks, namespace).await
    }

    /// Hooks with the namespace that helm puts them into.
    pub(super) async fn placed(&self, hooks: Vec<Hook>, namespace: &str) -> Vec<Hook> {
        let mut placed = Vec::with_capacity(hooks.len());
        for mut hook in hooks {
            let (api_version, kind) = (hook.object.api_version(), hook.object.kind());
            let resource = self.hands.reader().resource(api_version, kind).await;
            if hook.object.namespace().is_none() && matches!(resource, Ok(Some(found)) if found.namespaced) {
                hook.object.metadata_mut().insert("namespace".to_owned(), namespace.into());
            }
            placed.push(hook);
        }
        placed
    }

    /// The hooks of a chart, placed, against those of the revision that stands.
    pub(super) async fn compared(
        &self,
        rendered: &mut Rendered,
        standing: Option<&Release>,
        namespace: &str,
    ) -> Vec<HookView> {
        rendered.hooks = self.placed(std::mem::take(&mut rendered.hooks), namespace).await;
        let hooks = self.hooks_of(standing, namespace).await;
        compared(&rendered.hooks, standing.is_some().then_some(&hooks), |key| rendered.places(key))
    }
}

/// Hooks against those of the revision that stands; `places` says what the chart makes anew each time.
fn compared<'a>(
    hooks: &[Hook],
    standing: Option<&Vec<Hook>>,
    places: impl Fn(&Key) -> &'a [String],
) -> Vec<HookView> {
    let view = |hook: &Hook| {
        let key = hook.object.key();
        let before = standing.and_then(|all| all.iter().find(|other| other.object.key() == key));
        let steady = |hook: &Hook| Object(blanked(&hook.object.0, places(&key)));
        let fields = before
            .map(|before| shown_changes(Some(&steady(before)), Some(&steady(hook))))
            .unwrap_or_default();
        let change = match (standing, before) {
            (None, _) | (Some(_), None) => Change::Create,
            (Some(_), Some(_)) if fields.is_empty() => Change::Same,
            (Some(_), Some(_)) => Change::Change,
        };
        HookView { key, events: hook.events.clone(), change: Some(change), fields }
    };
    hooks.iter().map(view).collect()
}

/// The hooks that run at this, as they stand.
pub(super) fn running(hooks: &[Hook], what: &str) -> Vec<HookView> {
    let runs = hooks.iter().filter(|hook| hook.runs_at(what));
    let view = |hook: &Hook| HookView {
        key: hook.object.key(),
        events: hook.events.clone(),
        change: None,
        fields: Vec::new(),
    };
    runs.map(view).collect()
}

/// What is to be known of hooks: those that run although nobody would look for them, and those that are not what
/// they were.
pub(super) fn told(hooks: &[HookView], is_upgrade: bool) -> Vec<Risk> {
    let risk = |hook: &HookView, what: &str| Risk {
        kind: RiskKind::Warning,
        key: None,
        message: format!("the hook {hook}: {what}"),
    };
    let told = |hook: &HookView| match hook.change {
        None => Some(risk(hook, "helm runs it")),
        Some(Change::Create) if is_upgrade => Some(risk(hook, "helm creates it at these moments")),
        Some(Change::Change) => {
            let paths: Vec<&str> = hook.fields.iter().map(|field| field.path.as_str()).collect();
            Some(risk(
                hook,
                &format!("helm creates it anew at these moments, with other {}", paths.join(", ")),
            ))
        }
        Some(_) => None,
    };
    hooks.iter().filter_map(told).collect()
}

/// Hooks that helm leaves where they are once they have run.
pub(super) fn left(hooks: &[Hook]) -> impl Iterator<Item = Key> {
    let runs = |hook: &&Hook| ["install", "upgrade", "delete"].iter().any(|what| hook.runs_at(what));
    hooks.iter().filter(|hook| !hook.goes).filter(runs).map(|hook| hook.object.key())
}
