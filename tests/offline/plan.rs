//! Plans from the disk: the shipped one, and folders of good and bad ones.

use std::path::PathBuf;

use migrate_tui::render::{Renderer, check};

fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn the_shipped_plan_is_clean_and_builds_in_every_environment() {
    runtime().block_on(async {
        let renderer = Renderer::detect(None).await.unwrap();
        let report = check(&repository().join("plans/phase-2/plan.yaml"), Ok(&renderer)).await;
        assert!(report.is_clean(), "{report}");
    });
}
