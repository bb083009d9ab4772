//! Thousands of pods.

use std::time::{Duration, Instant};

use color_eyre::eyre::{Result, bail};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api,
    api::{ListParams, PostParams},
};
use serde_json::json;

use crate::{place::Place, stack};

const IN_FLIGHT: usize = 16;

/// How long they may take to run, once created.
const LIMIT: Duration = Duration::from_mins(5);

/// Creates pods, spread over the nodes past the scheduler, and waits until they run.
pub async fn create(place: &Place, namespace: &str, count: usize) -> Result<()> {
    let nodes: Api<Node> = Api::all(place.client.clone());
    let nodes: Vec<String> = nodes
        .list(&ListParams::default())
        .await?
        .items
        .into_iter()
        .filter_map(|node| node.metadata.name)
        .collect();
    let pods: Api<Pod> = Api::namespaced(place.client.clone(), namespace);
    eprintln!("creating {count} pods");
    let created = stream::iter(0..count).map(|index| {
        let (pods, node) = (pods.clone(), nodes.get(index % nodes.len().max(1)).cloned());
        async move {
            let service = format!("service-{:02}", index % 40);
            let mut spec = stack::pod(&service, 1);
            spec["nodeName"] = json!(node);
            let pod = serde_json::from_value(json!({
                "apiVersion": "v1", "kind": "Pod",
                "metadata": {"name": format!("{service}-7d9c4f6b58-{index:05}"), "labels": {
                    "app.kubernetes.io/name": service, "app.kubernetes.io/part-of": "bench"}},
                "spec": spec,
            }))?;
            pods.create(&PostParams::default(), &pod).await?;
            color_eyre::eyre::Ok(())
        }
    });
    created.buffer_unordered(IN_FLIGHT).try_collect::<Vec<()>>().await?;
    eprintln!("waiting until they run");
    let deadline = Instant::now() + LIMIT;
    let waiting = ListParams::default().fields("status.phase!=Running").limit(1);
    while !pods.list_metadata(&waiting).await?.items.is_empty() {
        if Instant::now() > deadline {
            bail!("not every pod runs after {} s", LIMIT.as_secs());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    Ok(())
}
