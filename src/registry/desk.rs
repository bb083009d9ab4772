//! The images of a plan's files, asked about where they are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::OnceCell, time::Instant};

use super::{Asked, AuthFiles, Refusal, RefusalSort, Registries, is_here, registry_of};
use crate::{
    diff::Problem,
    object::Object,
    pin::{ImageName, Used, used},
    plan::Plan,
    rehearsal::StandIns,
    render::{Renderer, Search, render_path},
};

/// An image, who uses it, and what its registry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The image and its users.
    pub used: Used,
    /// What came of asking.
    pub asked: Asked,
}

/// Renders what a plan names and asks about the images in it. In a rehearsal, its own registry is asked for a
/// stand-in of each image that is kept elsewhere.
pub struct Images {
    plan: Arc<Plan>,
    search: Search,
    registries: Registries,
    stand_ins: Option<StandIns>,
    renderer: OnceCell<Result<Renderer, Problem>>,
    remembered_for: Duration,
    memory: Mutex<BTreeMap<ImageName, (Instant, Asked)>>,
}

impl Images {
    /// Of a plan; asks as the user that runs this.
    #[must_use]
    pub fn new(plan: Arc<Plan>, search: Search, stand_ins: Option<StandIns>) -> Self {
        Self {
            plan,
            search,
            registries: Registries::new(AuthFiles::of_user()),
            stand_ins,
            renderer: OnceCell::new(),
            remembered_for: Duration::ZERO,
            memory: Mutex::default(),
        }
    }

    /// The same for one who asks again and again: an answer does for a while.
    #[must_use]
    pub fn remembering(self, for_so_long: Duration) -> Self {
        Self { remembered_for: for_so_long, ..self }
    }

    /// The program that renders, found on first use.
    ///
    /// # Errors
    /// None is there, or none is new enough.
    pub async fn renderer(&self) -> Result<&Renderer, &Problem> {
        self.renderer.get_or_init(|| Renderer::detect_in(&self.search, None)).await.as_ref()
    }

    /// What a folder of the plan, or a file, renders to.
    ///
    /// # Errors
    /// Everything that stands in the way.
    pub async fn rendered(&self, path: &Path) -> Result<Vec<Object>, Vec<Problem>> {
        render_path(self.renderer().await, &self.plan, path).await
    }

    /// The images that a folder of the plan, or a file, renders to.
    ///
    /// # Errors
    /// What keeps it from being rendered.
    pub async fn of(&self, path: &Path) -> Result<Vec<Listed>, Vec<Problem>> {
        let objects = self.rendered(path).await?;
        Ok(self.ask(used(&objects)).await)
    }

    /// Asks about images.
    pub async fn ask(&self, used: Vec<Used>) -> Vec<Listed> {
        let images: BTreeSet<ImageName> = used.iter().map(|used| used.image.clone()).collect();
        let mut asked = self.remembered(&images);
        let open = images.into_iter().filter(|image| !asked.contains_key(image)).collect();
        let answered = self.ask_registries(&open).await;
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.extend(answered.iter().map(|(image, asked)| (image.clone(), (Instant::now(), asked.clone()))));
        asked.extend(answered);
        let listed = |used: Used| {
            let asked = asked.get(&used.image).cloned().unwrap_or_else(|| Err(unasked(&used.image)));
            Listed { used, asked }
        };
        used.into_iter().map(listed).collect()
    }

    /// What tags name now.
    pub async fn digests(
        &self,
        images: &BTreeSet<ImageName>,
    ) -> BTreeMap<ImageName, Result<String, Refusal>> {
        if self.stand_ins.is_none() {
            return self.registries.digests(images).await;
        }
        let asked = self.ask_registries(images).await;
        asked.into_iter().map(|(image, asked)| (image, asked.map(|found| found.digest))).collect()
    }

    fn remembered(&self, images: &BTreeSet<ImageName>) -> BTreeMap<ImageName, Asked> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |at: &Instant| at.elapsed() < self.remembered_for;
        let known = images.iter().filter_map(|image| Some((image, memory.get(image)?)));
        known
            .filter(|(_, (at, _))| is_fresh(at))
            .map(|(image, (_, asked))| (image.clone(), asked.clone()))
            .collect()
    }

    async fn ask_registries(&self, images: &BTreeSet<ImageName>) -> BTreeMap<ImageName, Asked> {
        let Some(stand_ins) = &self.stand_ins else { return self.registries.ask(images).await };
        let is_elsewhere =
            |image: &&ImageName| registry_of(&image.to_string()).is_some_and(|registry| !is_here(&registry));
        let (elsewhere, here): (BTreeSet<&ImageName>, BTreeSet<&ImageName>) =
            images.iter().partition(is_elsewhere);
        let mut asked = self.registries.ask(&here.into_iter().cloned().collect()).await;
        let mut places = BTreeMap::new();
        for image in elsewhere {
            match stand_ins.provide_image(image).await {
                Ok(place) => drop(places.insert(image, place)),
                Err(problem) => {
                    let refusal = Refusal::new(RefusalSort::Unreachable, problem.reason, problem.remedy);
                    asked.insert(image.clone(), Err(refusal));
                }
            }
        }
        let found = self.registries.ask(&places.values().cloned().collect()).await;
        for (image, place) in places {
            let answer = found.get(&place).cloned().unwrap_or_else(|| Err(unasked(image)));
            asked.insert(image.clone(), answer.map(|found| super::Found { stand_in: true, ..found }));
        }
        asked
    }
}

fn unasked(image: &ImageName) -> Refusal {
    Refusal::new(RefusalSort::Strange, format!("{image} was not asked about"), "report this as a bug")
}
