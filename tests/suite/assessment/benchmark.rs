//! Standing among others: opted in, counted at night, by fives.

use commonground::assessment::jobs::benchmark;

use super::*;
use crate::on_both_databases;

impl Visit {
    async fn night(&self) {
        benchmark::rebuild(&self.running.state.db, self.clock.now())
            .await
            .unwrap();
    }

    async fn opted_in(&self, ratings: &Ratings) -> String {
        let path = self.finished(ratings).await;
        self.do_on_mine(&path, "benchmark", &[("benchmark", "yes")]).await;
        path
    }
}

const WORDS: &str = "of similar partnerships";

on_both_databases! {
    async fn nothing_is_said_of_fewer_than_five_others(test: TestDb) {
        let visit = Visit::start(&test).await;
        let path = visit.opted_in(&CONTOSO).await;
        for _ in 0..4 {
            visit.opted_in(&NORTHWIND).await;
        }
        visit.night().await;
        assert!(!visit.mine(&path).await.contains(WORDS), "four others");
        for _ in 0..5 {
            visit.opted_in(&NORTHWIND).await;
        }
        assert!(!visit.mine(&path).await.contains(WORDS), "counted at night only");
        visit.night().await;
        let page = visit.mine(&path).await;
        assert!(page.contains("near the middle of similar partnerships"), "57 among nine of 64");
        assert!(page.contains("Compared with 9 results"));
        visit.end().await;
    }

    async fn new_results_are_taken_in_by_fives(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..6 {
            visit.opted_in(&NORTHWIND).await;
        }
        visit.night().await;
        for _ in 0..4 {
            visit.opted_in(&CONTOSO).await;
        }
        visit.night().await;
        let looking = visit.finished(&CONTOSO).await;
        assert!(visit.mine(&looking).await.contains("Compared with 6 results"));
        visit.opted_in(&CONTOSO).await;
        visit.night().await;
        assert!(visit.mine(&looking).await.contains("Compared with 11 results"));
        visit.end().await;
    }

    async fn careless_incomplete_foreign_and_earlier_results_do_not_count(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..5 {
            visit.opted_in(&NORTHWIND).await;
        }
        visit.opted_in(&MOSTLY).await;
        visit.opted_in(&[("RI", "3---", "3333"), CONTOSO[1], CONTOSO[2], CONTOSO[3], CONTOSO[4]]).await;
        let internal = visit.begin(&[("type", "internal")]).await;
        visit.answer(&internal, &CONTOSO, "").await;
        visit.do_on_mine(&internal, "benchmark", &[("benchmark", "yes")]).await;
        visit.finished(&CONTOSO).await;
        let first = visit.opted_in(&CONTOSO).await;
        let second = location(&visit.post(&format!("{first}/again"), &[]).await);
        visit.answer(&second, &CONTOSO, "").await;
        visit.night().await;
        let looking = visit.finished(&CONTOSO).await;
        assert!(visit.mine(&looking).await.contains("Compared with 5 results"));
        visit.end().await;
    }

    async fn of_repeats_one_counts_even_when_the_first_is_deleted(test: TestDb) {
        let visit = Visit::start(&test).await;
        for _ in 0..4 {
            visit.opted_in(&NORTHWIND).await;
        }
        let first = visit.opted_in(&CONTOSO).await;
        let mut last = first.clone();
        for _ in 0..2 {
            last = location(&visit.post(&format!("{last}/again"), &[]).await);
            visit.answer(&last, &CONTOSO, "").await;
            visit.do_on_mine(&last, "benchmark", &[("benchmark", "yes")]).await;
        }
        visit.post(&format!("{first}/delete"), &[]).await;
        visit.night().await;
        let looking = visit.finished(&CONTOSO).await;
        assert!(visit.mine(&looking).await.contains("Compared with 5 results"));
        visit.end().await;
    }

    async fn nobody_is_compared_with_themselves(test: TestDb) {
        let visit = Visit::start(&test).await;
        let mut paths = Vec::new();
        for _ in 0..5 {
            paths.push(visit.opted_in(&NORTHWIND).await);
        }
        visit.night().await;
        let page = visit.do_on_mine(&paths[0], "benchmark", &[]).await;
        assert!(!page.contains(WORDS), "taken back, and counted until the night");
        let again = location(&visit.post(&format!("{}/again", paths[1]), &[]).await);
        visit.answer(&again, &CONTOSO, "").await;
        visit.send(&format!("{}?page=2", paths[2]), &fields(&[("RI", "0000", "0000")])).await;
        for path in [&again, &paths[1], &paths[2]] {
            assert!(!visit.mine(path).await.contains(WORDS), "{path}");
        }
        visit.post(&format!("{}/delete", paths[1]), &[]).await;
        assert!(!visit.mine(&again).await.contains(WORDS), "the deleted one is counted until the night");
        let looking = visit.finished(&CONTOSO).await;
        assert!(visit.mine(&looking).await.contains("Compared with 5 results"));
        visit.night().await;
        assert_eq!(visit.count("SELECT COUNT(*) FROM assessment_results WHERE counted IS NOT NULL").await, 2);
        assert!(!visit.mine(&looking).await.contains(WORDS), "two are left");
        visit.end().await;
    }

    async fn what_is_deleted_or_taken_back_is_gone_after_the_next_night(test: TestDb) {
        let visit = Visit::start(&test).await;
        let mut paths = Vec::new();
        for _ in 0..8 {
            paths.push(visit.opted_in(&NORTHWIND).await);
        }
        visit.night().await;
        visit.post(&format!("{}/delete", paths[0]), &[]).await;
        visit.do_on_mine(&paths[1], "benchmark", &[]).await;
        visit.night().await;
        let looking = visit.finished(&CONTOSO).await;
        assert!(visit.mine(&looking).await.contains("Compared with 6 results"));
        visit.end().await;
    }
}
