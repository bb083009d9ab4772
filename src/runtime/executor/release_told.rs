//! What is told of a helm that has failed: which hook, what its pods said, what helps; and what is not quoted.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::Executor;
use crate::{
    cluster::watch::log_tail,
    diff::Problem,
    helm::{Hidden, Hook, Revision, Workplace},
    rollback::{Record, ReleaseAction, ReleaseOrder},
};

impl Executor {
    /// With the hook that has failed, and what its pods said last.
    pub(super) async fn explained(
        &self,
        place: &Workplace,
        order: &ReleaseOrder,
        problem: Problem,
        hidden: &Hidden,
    ) -> Problem {
        let history = self.history(&order.name, &order.namespace).await.unwrap_or_default();
        let Some(last) = history.last() else { return problem };
        let Ok(release) = place.release(&order.name, &order.namespace, last.revision).await else {
            return problem;
        };
        let Some((kind, name)) = release.failed_hooks.first() else {
            return of_a_hanging_hook(order, &release.hooks, problem);
        };
        let lines = match kind.as_str() {
            "Job" => self.words_of(&order.namespace, &format!("batch.kubernetes.io/job-name={name}")).await,
            _ => Vec::new(),
        };
        let said = if lines.is_empty() {
            String::new()
        } else {
            format!("; it said: {}", hidden.in_text(&lines.join(" / ")))
        };
        let see = format!("see why (kubectl -n {} logs {}/{name})", order.namespace, kind.to_lowercase());
        let remedy = match order.action {
            ReleaseAction::Uninstall => {
                format!("{see} and mend it, then roll back again; {}", without_hooks(order))
            }
            _ => format!("{see}, mend it, then look at the changes again; or roll back"),
        };
        let reason = format!("the hook {kind}/{name} has failed: {}{said}", problem.reason);
        Problem { reason, remedy, ..problem }
    }

    async fn words_of(&self, namespace: &str, selector: &str) -> Vec<String> {
        let reader = self.hands.reader();
        let pods = reader.list("v1", "Pod", Some(namespace), Some(selector)).await.unwrap_or_default();
        let Some(pod) = pods.last() else { return Vec::new() };
        let containers = pod.at(&["spec", "containers"]).and_then(serde_json::Value::as_array);
        let first = containers.and_then(|all| all.first()?.get("name")?.as_str());
        match first {
            Some(container) => log_tail(reader, pod, container, false).await,
            None => Vec::new(),
        }
    }
}

/// What no message may quote: values, those of the revision that stands among them, and what Secrets of the
/// release hold, plain and as they are kept.
pub(super) async fn hidden(place: &Workplace, record: &Record, history: &[Revision]) -> Hidden {
    let Some(order) = &record.release else { return Hidden::default() };
    let known = [order.name.as_str(), order.namespace.as_str()];
    let values = match (&order.action, history.last()) {
        (ReleaseAction::Upgrade { values, .. }, _) => values.clone().unwrap_or_default(),
        (_, Some(last)) => {
            let release = place.release(&order.name, &order.namespace, last.revision).await;
            release.map(|release| release.values.to_string()).unwrap_or_default()
        }
        (_, None) => String::new(),
    };
    let objects = record.images.iter().filter(|image| image.key.is("", "Secret"));
    let objects = objects.flat_map(|image| [&image.applied, &image.before]).flatten();
    let values_of = objects.filter_map(|object| object.at(&["data"])?.as_object());
    let texts = values_of.flat_map(serde_json::Map::values).filter_map(serde_json::Value::as_str);
    let plain = |text: &str| String::from_utf8(STANDARD.decode(text).unwrap_or_default()).unwrap_or_default();
    let texts: Vec<String> = texts.map(plain).collect();
    Hidden::of(&values, &known).and(&texts)
}

/// helm does not say which hook it has waited for when it uninstalls.
fn of_a_hanging_hook(order: &ReleaseOrder, hooks: &[Hook], problem: Problem) -> Problem {
    let named: Vec<String> = hooks
        .iter()
        .filter(|hook| hook.runs_at("delete"))
        .map(|hook| hook.object.key().to_string())
        .collect();
    if order.action != ReleaseAction::Uninstall || named.is_empty() {
        return problem;
    }
    let remedy = format!(
        "see what its hooks {} wait for or failed at, and mend it, then roll back again; {}",
        named.join(", "),
        without_hooks(order)
    );
    Problem { remedy, ..problem }
}

fn without_hooks(order: &ReleaseOrder) -> String {
    format!(
        "or take the release away without them (helm uninstall {} --namespace {} --no-hooks), then roll back again",
        order.name, order.namespace
    )
}
