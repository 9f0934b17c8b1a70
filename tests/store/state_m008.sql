BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'b24syncd','m001_first_tables','2026-11-28 21:06:36.578929+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'b24syncd','m002_refusals_by_time','2026-11-28 21:06:36.583613+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'b24syncd','m003_undo','2026-11-28 21:06:36.584990+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'b24syncd','m004_reasons_of_holds','2026-11-28 21:06:36.586076+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'b24syncd','m005_how_texts_were_read','2026-11-28 21:06:36.586706+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'b24syncd','m006_lists','2026-11-28 21:06:36.587437+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'b24syncd','m007_approvals_of_each_limit','2026-11-28 21:06:36.587720+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'b24syncd','m008_decisions','2026-11-28 21:06:36.589179+00:00');
CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    position TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "cursors" VALUES('backfill/bindings/converted','{"after_id": 8, "finished": true}','2026-03-02T09:00:04.944+00:00');
INSERT INTO "cursors" VALUES('backfill/bindings/twins','{"after_id": 10, "finished": true}','2026-03-02T09:00:07.785+00:00');
INSERT INTO "cursors" VALUES('backfill/company','{"after_id": 4, "finished": true}','2026-03-02T09:00:03.186+00:00');
INSERT INTO "cursors" VALUES('backfill/contact','{"after_id": 17, "finished": true}','2026-03-02T09:00:03.186+00:00');
INSERT INTO "cursors" VALUES('backfill/lead','{"after_id": 10, "finished": true}','2026-03-02T09:00:02.264+00:00');
INSERT INTO "cursors" VALUES('poll/activity','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/bindings/converted','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/bindings/twins','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/company','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/contact','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/lead','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/payment_dates/deal','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('poll/payment_dates/sale','{"since": 1772442000.0}','2026-03-02T09:00:00.000+00:00');
INSERT INTO "cursors" VALUES('sweep/bindings/converted','{"after_id": 0, "finished": true, "began": 1772442002.2488663, "highest_id": 0}','2026-03-02T09:00:02.248+00:00');
INSERT INTO "cursors" VALUES('sweep/bindings/twins','{"after_id": 0, "finished": true, "began": 1772442002.2488663, "highest_id": 0}','2026-03-02T09:00:02.248+00:00');
INSERT INTO "cursors" VALUES('sweep/company','{"after_id": 0, "finished": true, "began": 1772442002.2488663, "highest_id": 0}','2026-03-02T09:00:02.248+00:00');
INSERT INTO "cursors" VALUES('sweep/contact','{"after_id": 0, "finished": true, "began": 1772442002.2488663, "highest_id": 0}','2026-03-02T09:00:02.248+00:00');
INSERT INTO "cursors" VALUES('sweep/lead','{"after_id": 0, "finished": true, "began": 1772442002.2488663, "highest_id": 0}','2026-03-02T09:00:02.248+00:00');
CREATE TABLE holds (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    at TEXT NOT NULL,
    released_at TEXT, reason TEXT NOT NULL DEFAULT 'undone', detail TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (entity_type, entity_id, job, run_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "holds" VALUES('activity',1,'bindings',14,'2026-03-02T09:00:02.171+00:00',NULL,'undone','');
INSERT INTO "holds" VALUES('contact',1,'phones',3,'2026-03-02T09:00:00.140+00:00',NULL,'alternates','8 (495) 123-45-67 ⇄ +74951234567: corrected 2 times since 2026-03-02 09:00 UTC');
INSERT INTO "holds" VALUES('contact',2,'emails',12,'2026-03-02T09:00:02.155+00:00',NULL,'undone','');
INSERT INTO "holds" VALUES('contact',2,'phones',12,'2026-03-02T09:00:02.155+00:00',NULL,'undone','');
INSERT INTO "holds" VALUES('contact',3,'emails',13,'2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.171+00:00','undone','');
INSERT INTO "holds" VALUES('contact',3,'phones',13,'2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.171+00:00','undone','');
INSERT INTO "holds" VALUES('deal',3,'payment_dates',15,'2026-03-02T09:00:02.186+00:00','2026-03-02T09:00:02.186+00:00','undone','');
INSERT INTO "holds" VALUES('deal',4,'payment_dates',16,'2026-03-02T09:00:02.202+00:00',NULL,'undone','');
CREATE TABLE intents (
    batch TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    base TEXT NOT NULL,
    PRIMARY KEY (batch, entity_type, entity_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "intents" VALUES('48a6685df95e4c8a91d249294921d41e','contact',14,'[[32,"PHONE","8 (916) 700-30-02","WORK"]]');
INSERT INTO "intents" VALUES('48a6685df95e4c8a91d249294921d41e','contact',15,'[[34,"PHONE","8 (916) 111-30-00","WORK"],[35,"PHONE","8 916 112-30-00, 8 916 113-30-00","WORK"],[36,"PHONE","+7 916 112-30-00","WORK"],[37,"EMAIL","Z0@EXAMPLE.de","WORK"]]');
INSERT INTO "intents" VALUES('48a6685df95e4c8a91d249294921d41e','contact',16,'[[38,"PHONE","8 (916) 111-30-01","WORK"],[39,"PHONE","8 916 112-30-01, 8 916 113-30-01","WORK"],[40,"PHONE","+7 916 112-30-01","WORK"],[41,"EMAIL","Z1@EXAMPLE.de","WORK"]]');
INSERT INTO "intents" VALUES('48a6685df95e4c8a91d249294921d41e','contact',17,'[[42,"PHONE","8 (916) 111-30-02","WORK"],[43,"PHONE","8 916 112-30-02, 8 916 113-30-02","WORK"],[44,"PHONE","+7 916 112-30-02","WORK"],[45,"EMAIL","Z2@EXAMPLE.de","WORK"]]');
INSERT INTO "intents" VALUES('9db0fb2b360744ed8c9a2c6f6aff4ee2','activity',16,'{"bindings":[[1,8]],"task_links":null}');
INSERT INTO "intents" VALUES('9db0fb2b360744ed8c9a2c6f6aff4ee2','activity',17,'{"bindings":[[1,8],[2,7]],"task_links":null}');
INSERT INTO "intents" VALUES('9db0fb2b360744ed8c9a2c6f6aff4ee2','activity',18,'{"bindings":[[1,8],[4,4]],"task_links":null}');
INSERT INTO "intents" VALUES('9db0fb2b360744ed8c9a2c6f6aff4ee2','activity',20,'{"bindings":[[1,8],[2,7]],"task_links":["L_8","D_7"]}');
INSERT INTO "intents" VALUES('b3a9b3649e644125bdad0ffa14c525f1','activity',19,'{"bindings":[[1,10]],"task_links":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',2,'{"field":"ufCrm_1721244707108","value":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',3,'{"field":"ufCrm_1721244707108","value":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',5,'{"field":"ufCrm_1721244707108","value":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',6,'{"field":"ufCrm_1721244707108","value":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',8,'{"field":"ufCrm_1721244707108","value":null}');
INSERT INTO "intents" VALUES('ff4b0c19c8834519a1fb6689ad2f47d4','deal',9,'{"field":"ufCrm_1721244707108","value":null}');
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES runs (id),
    at TEXT NOT NULL,
    sent_at REAL,
    batch TEXT NOT NULL,
    job TEXT NOT NULL,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('change', 'add', 'delete')),
    point_kind TEXT NOT NULL,
    point_id INTEGER,
    value_type TEXT NOT NULL,
    before TEXT,
    after TEXT,
    mends INTEGER NOT NULL CHECK (mends IN (0, 1)),
    outcome TEXT NOT NULL,
    detail TEXT,
    settled_at TEXT, reads TEXT,
    CHECK ((point_id IS NULL) = (kind = 'add')),
    CHECK ((before IS NULL) = (kind = 'add')),
    CHECK ((after IS NULL) = (kind = 'delete'))
) STRICT;
INSERT INTO "journal" VALUES(1,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'cb775e3638b048598db4fce66cd5e2db','phones','contact',1,'change','PHONE',1,'WORK','8 (495) 123-45-67','+74951234567',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+74951234567"]');
INSERT INTO "journal" VALUES(2,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','phones','contact',2,'change','PHONE',2,'WORK','8 (916) 200-30-00','+79162003000',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+79162003000"]');
INSERT INTO "journal" VALUES(3,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',2,'change','EMAIL',4,'WORK','Info0@EXAMPLE.de','info0@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["info0@example.de"]');
INSERT INTO "journal" VALUES(4,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',2,'change','EMAIL',5,'WORK','a0@example.de, B0@example.de','a0@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["a0@example.de","b0@example.de"]');
INSERT INTO "journal" VALUES(5,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',2,'add','EMAIL',NULL,'WORK',NULL,'b0@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["b0@example.de"]');
INSERT INTO "journal" VALUES(6,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','phones','contact',3,'change','PHONE',6,'WORK','8 (916) 200-30-01','+79162003001',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+79162003001"]');
INSERT INTO "journal" VALUES(7,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',3,'change','EMAIL',8,'WORK','Info1@EXAMPLE.de','info1@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["info1@example.de"]');
INSERT INTO "journal" VALUES(8,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',3,'change','EMAIL',9,'WORK','a1@example.de, B1@example.de','a1@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["a1@example.de","b1@example.de"]');
INSERT INTO "journal" VALUES(9,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'0d3228a152634868ab3e80ede079114f','emails','contact',3,'add','EMAIL',NULL,'WORK',NULL,'b1@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["b1@example.de"]');
INSERT INTO "journal" VALUES(10,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','phones','contact',4,'change','PHONE',10,'WORK','8 (916) 200-30-02','+79162003002',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+79162003002"]');
INSERT INTO "journal" VALUES(11,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',4,'change','EMAIL',12,'WORK','Info2@EXAMPLE.de','info2@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["info2@example.de"]');
INSERT INTO "journal" VALUES(12,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',4,'change','EMAIL',13,'WORK','a2@example.de, B2@example.de','a2@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["a2@example.de","b2@example.de"]');
INSERT INTO "journal" VALUES(13,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',4,'add','EMAIL',NULL,'WORK',NULL,'b2@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["b2@example.de"]');
INSERT INTO "journal" VALUES(14,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','phones','contact',5,'change','PHONE',14,'WORK','8 (916) 200-30-03','+79162003003',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+79162003003"]');
INSERT INTO "journal" VALUES(15,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',5,'change','EMAIL',16,'WORK','Info3@EXAMPLE.de','info3@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["info3@example.de"]');
INSERT INTO "journal" VALUES(16,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',5,'change','EMAIL',17,'WORK','a3@example.de, B3@example.de','a3@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["a3@example.de","b3@example.de"]');
INSERT INTO "journal" VALUES(17,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'2fa054ab0a3147ae99de011be0e7c9d9','emails','contact',5,'add','EMAIL',NULL,'WORK',NULL,'b3@example.de',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["b3@example.de"]');
INSERT INTO "journal" VALUES(18,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'b2232dfda3f54cc190858c3b811468aa','phones','contact',6,'change','PHONE',18,'WORK','8 495 765-43-21','+74957654321',0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+74957654321"]');
INSERT INTO "journal" VALUES(19,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'b2232dfda3f54cc190858c3b811468aa','phones','contact',6,'delete','PHONE',19,'WORK','+7 495 765 43 21',NULL,0,'done',NULL,'2026-03-02T09:00:00.015+00:00','["+74957654321"]');
INSERT INTO "journal" VALUES(20,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'b2232dfda3f54cc190858c3b811468aa','phones','contact',11,'change','PHONE',25,'WORK','8 (916) 700-30-01','+79167003001',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:00.015+00:00','["+79167003001"]');
INSERT INTO "journal" VALUES(21,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'b2232dfda3f54cc190858c3b811468aa','phones','contact',12,'change','PHONE',26,'WORK','8 (916) 800-30-01','+79168003001',0,'not_sent',NULL,'2026-03-02T09:00:00.015+00:00','["+79168003001"]');
INSERT INTO "journal" VALUES(22,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'b8f6e4b0f0854e1d9118ad0a1f6304d7','phones','contact',12,'change','PHONE',26,'WORK','8 (916) 800-30-02','+79168003001',0,'done',NULL,'2026-03-02T09:00:00.015+00:00',NULL);
INSERT INTO "journal" VALUES(23,1,'2026-03-02T09:00:00.015+00:00',1.77244200001555562021e+09,'d5d910abec2541d09a7687037d6b24d0','phones','contact',12,'change','PHONE',26,'WORK','+79168003001','+79168003002',1,'done',NULL,'2026-03-02T09:00:00.015+00:00',NULL);
INSERT INTO "journal" VALUES(24,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'0c38ff8912be4a7283270f2e33422b6e','bindings','activity',1,'add','BINDING',NULL,'',NULL,'company:1',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(25,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'0af6339829c54b158ec156d85990aa35','bindings','activity',2,'add','BINDING',NULL,'',NULL,'company:1',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(26,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'0af6339829c54b158ec156d85990aa35','bindings','activity',3,'delete','BINDING',0,'','lead:2',NULL,0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(27,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'22781f377dc6472a8bb07011c9b872ea','bindings','activity',1,'delete','BINDING',0,'','lead:2',NULL,0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(28,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'22781f377dc6472a8bb07011c9b872ea','bindings','activity',6,'change','BINDING',0,'','lead:3','lead:1',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(29,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'22781f377dc6472a8bb07011c9b872ea','bindings','activity',6,'add','BINDING',NULL,'',NULL,'company:1',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(30,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'ba72c78dccb44d5bbc94900e15785f4b','bindings','activity',2,'delete','BINDING',0,'','lead:2',NULL,0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(31,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'ba72c78dccb44d5bbc94900e15785f4b','bindings','activity',7,'change','TASK_LINKS',1,'','["L_2","D_1"]','["CO_1","D_1"]',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(32,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'422715f3cc9b4055baaf0b0de475eb35','bindings','activity',8,'add','BINDING',NULL,'',NULL,'company:2',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(33,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'422715f3cc9b4055baaf0b0de475eb35','bindings','activity',9,'add','BINDING',NULL,'',NULL,'company:2',0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(34,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'1994e96f382c472cbf6c9ebf62fcc661','bindings','activity',6,'delete','BINDING',0,'','lead:2',NULL,0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(35,1,'2026-03-02T09:00:00.046+00:00',1.77244200004666662218e+09,'1994e96f382c472cbf6c9ebf62fcc661','bindings','activity',10,'delete','BINDING',0,'','lead:5',NULL,0,'done',NULL,'2026-03-02T09:00:00.046+00:00',NULL);
INSERT INTO "journal" VALUES(36,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'1b714343ef8c4d0f9348134d876a049a','bindings','activity',8,'delete','BINDING',0,'','lead:5',NULL,0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(37,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'1b714343ef8c4d0f9348134d876a049a','bindings','activity',9,'delete','BINDING',0,'','lead:5',NULL,0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(38,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'04920dc5e4c7450ba65e937ed00c94bf','bindings','activity',13,'change','BINDING',0,'','lead:6','lead:4',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(39,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'04920dc5e4c7450ba65e937ed00c94bf','bindings','activity',13,'add','BINDING',NULL,'',NULL,'company:2',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(40,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'04920dc5e4c7450ba65e937ed00c94bf','bindings','activity',14,'change','TASK_LINKS',2,'','["L_5","D_1"]','["CO_2","D_1"]',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(41,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'ca9a65441e69470886bf1850605d6392','bindings','activity',13,'delete','BINDING',0,'','lead:5',NULL,0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(42,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'345f95c9874a48eda2d66fb25f56aade','bindings','activity',4,'change','BINDING',0,'','lead:3','lead:1',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(43,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'345f95c9874a48eda2d66fb25f56aade','bindings','activity',5,'change','BINDING',0,'','lead:3','lead:1',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(44,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'345f95c9874a48eda2d66fb25f56aade','bindings','activity',11,'change','BINDING',0,'','lead:6','lead:4',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(45,1,'2026-03-02T09:00:00.062+00:00',1.77244200006222224234e+09,'345f95c9874a48eda2d66fb25f56aade','bindings','activity',12,'change','BINDING',0,'','lead:6','lead:4',0,'done',NULL,'2026-03-02T09:00:00.062+00:00',NULL);
INSERT INTO "journal" VALUES(46,1,'2026-03-02T09:00:00.077+00:00',1.7724420000777778625e+09,'4f269416ede74c94b6d13e452d470fcf','payment_dates','deal',2,'add','FIELD',NULL,'ufCrm_1721244707107',NULL,'2026-01-31',0,'done',NULL,'2026-03-02T09:00:00.077+00:00',NULL);
INSERT INTO "journal" VALUES(47,1,'2026-03-02T09:00:00.077+00:00',1.7724420000777778625e+09,'4f269416ede74c94b6d13e452d470fcf','payment_dates','deal',3,'change','FIELD',0,'ufCrm_1721244707107','2025-12-15','2026-02-01',0,'done',NULL,'2026-03-02T09:00:00.077+00:00',NULL);
INSERT INTO "journal" VALUES(48,1,'2026-03-02T09:00:00.077+00:00',1.7724420000777778625e+09,'4f269416ede74c94b6d13e452d470fcf','payment_dates','deal',4,'add','FIELD',NULL,'ufCrm_1721244707107',NULL,'2026-02-02',0,'done',NULL,'2026-03-02T09:00:00.077+00:00',NULL);
INSERT INTO "journal" VALUES(49,1,'2026-03-02T09:00:00.077+00:00',1.7724420000777778625e+09,'4f269416ede74c94b6d13e452d470fcf','payment_dates','deal',5,'add','FIELD',NULL,'ufCrm_1721244707107',NULL,'2026-02-03',0,'done',NULL,'2026-03-02T09:00:00.077+00:00',NULL);
INSERT INTO "journal" VALUES(50,1,'2026-03-02T09:00:00.077+00:00',1.7724420000777778625e+09,'e27556f5addd4e1ca3f9eca7637e4d69','payment_dates','deal',3,'change','FIELD_RESTORED',0,'ufCrm_1721244707107','2026-02-01','2025-12-15',1,'done',NULL,'2026-03-02T09:00:00.077+00:00',NULL);
INSERT INTO "journal" VALUES(51,2,'2026-03-02T09:00:00.093+00:00',1.77244200009333324427e+09,'e7bf593cbf654508a43d92271f01efaa','phones','contact',1,'change','PHONE',1,'WORK','8 (495) 123-45-67','+74951234567',0,'done',NULL,'2026-03-02T09:00:00.093+00:00','["+74951234567"]');
INSERT INTO "journal" VALUES(52,2,'2026-03-02T09:00:00.093+00:00',1.77244200009333324427e+09,'e7bf593cbf654508a43d92271f01efaa','phones','contact',11,'change','PHONE',25,'WORK','8 (916) 700-30-01','+79167003001',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:00.093+00:00','["+79167003001"]');
INSERT INTO "journal" VALUES(53,2,'2026-03-02T09:00:00.124+00:00',1.77244200012444448472e+09,'78b0d03badd0455a86c7dacc9e9aa080','payment_dates','deal',2,'change','FIELD',0,'ufCrm_1721244707107','2026-01-31','2026-02-27',0,'done',NULL,'2026-03-02T09:00:00.124+00:00',NULL);
INSERT INTO "journal" VALUES(54,3,'2026-03-02T09:00:00.140+00:00',1772442000.14,'8f4e25b0dba84385b0e5e6e24c023f8a','phones','contact',11,'change','PHONE',25,'WORK','8 (916) 700-30-01','+79167003001',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:00.140+00:00','["+79167003001"]');
INSERT INTO "journal" VALUES(55,4,'2026-03-02T09:00:00.171+00:00',1.77244200017111110685e+09,'d6a97afd9ca1459d845aa47a7a07e5c1','phones','contact',11,'change','PHONE',25,'WORK','8 (916) 700-30-01','+79167003001',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:00.171+00:00','["+79167003001"]');
INSERT INTO "journal" VALUES(56,4,'2026-03-02T09:00:00.186+00:00',1.77244200018666672701e+09,'53b16201d5844a7dbbb7c68514f3850b','payment_dates','deal',4,'change','FIELD',0,'ufCrm_1721244707107','2026-02-02','2026-02-28',0,'done',NULL,'2026-03-02T09:00:00.186+00:00',NULL);
INSERT INTO "journal" VALUES(57,5,'2026-03-02T09:00:00.202+00:00',1.7724420002022221089e+09,'db233b98931a45be9223f0cba43b659d','phones','contact',11,'change','PHONE',25,'WORK','8 (916) 700-30-01','+79167003001',0,'unverified',NULL,'2026-03-02T09:00:01.139+00:00','["+79167003001"]');
INSERT INTO "journal" VALUES(58,5,'2026-03-02T09:00:00.202+00:00',1.7724420002022221089e+09,'db233b98931a45be9223f0cba43b659d','phones','contact',13,'change','PHONE',31,'WORK','8 (916) 900-30-01','+79169003001',0,'unverified',NULL,'2026-03-02T09:00:01.139+00:00','["+79169003001"]');
INSERT INTO "journal" VALUES(59,6,'2026-03-02T09:00:01.171+00:00',1772442001.1711,'b17bddb661b848bd83d2244c968d0053','payment_dates','deal',6,'add','FIELD',NULL,'ufCrm_1721244707107',NULL,'2026-01-11',0,'overtaken',NULL,'2026-03-02T09:00:02.093+00:00',NULL);
INSERT INTO "journal" VALUES(60,7,'2026-03-02T09:00:02.093+00:00',1.77244200209331083297e+09,'66771973cdb14c8bb2055a5d56512db6','phones','contact',14,'change','PHONE',32,'WORK','8 (916) 700-30-02','+79167003002',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:02.093+00:00','["+79167003002"]');
INSERT INTO "journal" VALUES(61,9,'2026-03-02T09:00:02.124+00:00',1.77244200212442183498e+09,'35db1b3ea76b40e496978708c3c10797','phones','contact',3,'change','PHONE',7,'WORK','тел. 8 (916) 200-40-01 "x"','8 (916) 123-45-67 ask for "Anna"',0,'done',NULL,'2026-03-02T09:00:02.124+00:00','["8 (916) 123-45-67 ask for \"Anna\""]');
INSERT INTO "journal" VALUES(62,10,'2026-03-02T09:00:02.139+00:00',1.77244200213997745514e+09,'9a6b2ce6bd234299a6c594c005e38946','payment_dates','deal',3,'change','FIELD',0,'ufCrm_1721244707107','2025-12-15','2026-02-01',0,'done',NULL,'2026-03-02T09:00:02.139+00:00',NULL);
INSERT INTO "journal" VALUES(63,10,'2026-03-02T09:00:02.139+00:00',1.77244200213997745514e+09,'9a6b2ce6bd234299a6c594c005e38946','payment_dates','deal',6,'change','FIELD',0,'ufCrm_1721244707107','2025-12-26','2026-01-11',0,'done',NULL,'2026-03-02T09:00:02.139+00:00',NULL);
INSERT INTO "journal" VALUES(64,11,'2026-03-02T09:00:02.139+00:00',1.77244200213997745514e+09,'521f055ebc6a49e4933bf7a35a721ed4','bindings','activity',15,'add','BINDING',NULL,'',NULL,'company:3',0,'done',NULL,'2026-03-02T09:00:02.139+00:00',NULL);
INSERT INTO "journal" VALUES(65,11,'2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'30d3b38e0aa342a6ba2eb6144467f8e7','bindings','activity',15,'delete','BINDING',0,'','lead:7',NULL,0,'done',NULL,'2026-03-02T09:00:02.155+00:00',NULL);
INSERT INTO "journal" VALUES(66,12,'2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'0f946fcae4dc4fcaad1e399336fe8221','phones','contact',2,'change','PHONE',2,'WORK','+79162003000','8 (916) 200-30-00',0,'done',NULL,'2026-03-02T09:00:02.155+00:00','["+79162003000"]');
INSERT INTO "journal" VALUES(67,12,'2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'0f946fcae4dc4fcaad1e399336fe8221','emails','contact',2,'change','EMAIL',4,'WORK','info0@example.de','Info0@EXAMPLE.de',0,'done',NULL,'2026-03-02T09:00:02.155+00:00','["info0@example.de"]');
INSERT INTO "journal" VALUES(68,12,'2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'0f946fcae4dc4fcaad1e399336fe8221','emails','contact',2,'change','EMAIL',5,'WORK','a0@example.de','a0@example.de, B0@example.de',0,'done',NULL,'2026-03-02T09:00:02.155+00:00','["a0@example.de","b0@example.de"]');
INSERT INTO "journal" VALUES(69,12,'2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'0f946fcae4dc4fcaad1e399336fe8221','emails','contact',2,'delete','EMAIL',27,'WORK','b0@example.de',NULL,0,'done',NULL,'2026-03-02T09:00:02.155+00:00','["b0@example.de"]');
INSERT INTO "journal" VALUES(70,13,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'204c7d6295d248a3b294470bc5e819de','phones','contact',3,'change','PHONE',6,'WORK','+79162003001','8 (916) 200-30-01',0,'done',NULL,'2026-03-02T09:00:02.171+00:00','["+79162003001"]');
INSERT INTO "journal" VALUES(71,13,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'204c7d6295d248a3b294470bc5e819de','emails','contact',3,'change','EMAIL',8,'WORK','info1@example.de','Info1@EXAMPLE.de',0,'done',NULL,'2026-03-02T09:00:02.171+00:00','["info1@example.de"]');
INSERT INTO "journal" VALUES(72,13,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'204c7d6295d248a3b294470bc5e819de','emails','contact',3,'change','EMAIL',9,'WORK','a1@example.de','a1@example.de, B1@example.de',0,'done',NULL,'2026-03-02T09:00:02.171+00:00','["a1@example.de","b1@example.de"]');
INSERT INTO "journal" VALUES(73,13,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'204c7d6295d248a3b294470bc5e819de','phones','contact',3,'change','PHONE',7,'WORK','8 (916) 123-45-67 ask for "Anna"','тел. 8 (916) 200-40-01 "x"',0,'done',NULL,'2026-03-02T09:00:02.171+00:00','["8 (916) 123-45-67 ask for \"Anna\""]');
INSERT INTO "journal" VALUES(74,13,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'204c7d6295d248a3b294470bc5e819de','emails','contact',3,'delete','EMAIL',28,'WORK','b1@example.de',NULL,0,'done',NULL,'2026-03-02T09:00:02.171+00:00','["b1@example.de"]');
INSERT INTO "journal" VALUES(75,14,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'de0fc50930bd41658873d4a61c401e06','bindings','activity',1,'add','BINDING',NULL,'',NULL,'lead:2',0,'done',NULL,'2026-03-02T09:00:02.171+00:00',NULL);
INSERT INTO "journal" VALUES(76,14,'2026-03-02T09:00:02.171+00:00',1.77244200217108845716e+09,'48a37afb9c6847539b57c1e1a34a3e47','bindings','activity',1,'delete','BINDING',0,'','company:1',NULL,0,'done',NULL,'2026-03-02T09:00:02.171+00:00',NULL);
INSERT INTO "journal" VALUES(77,15,'2026-03-02T09:00:02.186+00:00',1.77244200218664407732e+09,'8d39d488ff4642838390334a1772b7da','payment_dates','deal',3,'change','FIELD_RESTORED',0,'ufCrm_1721244707107','2026-02-01','2025-12-15',0,'done',NULL,'2026-03-02T09:00:02.186+00:00',NULL);
INSERT INTO "journal" VALUES(78,16,'2026-03-02T09:00:02.202+00:00',1.77244200220219969748e+09,'f875bf71acef458081bec7f3f341d418','payment_dates','deal',4,'delete','FIELD_RESTORED',0,'ufCrm_1721244707107','2026-02-28',NULL,0,'done',NULL,'2026-03-02T09:00:02.202+00:00',NULL);
INSERT INTO "journal" VALUES(79,17,'2026-03-02T09:00:02.217+00:00',1.7724420022177550792e+09,'1679e603847549dab6edafdaff8f6183','phones','contact',3,'change','PHONE',6,'WORK','8 (916) 200-30-01','+79162003001',0,'done',NULL,'2026-03-02T09:00:02.217+00:00','["+79162003001"]');
INSERT INTO "journal" VALUES(80,17,'2026-03-02T09:00:02.217+00:00',1.7724420022177550792e+09,'1679e603847549dab6edafdaff8f6183','emails','contact',3,'change','EMAIL',8,'WORK','Info1@EXAMPLE.de','info1@example.de',0,'done',NULL,'2026-03-02T09:00:02.217+00:00','["info1@example.de"]');
INSERT INTO "journal" VALUES(81,17,'2026-03-02T09:00:02.217+00:00',1.7724420022177550792e+09,'1679e603847549dab6edafdaff8f6183','emails','contact',3,'change','EMAIL',9,'WORK','a1@example.de, B1@example.de','a1@example.de',0,'done',NULL,'2026-03-02T09:00:02.217+00:00','["a1@example.de","b1@example.de"]');
INSERT INTO "journal" VALUES(82,17,'2026-03-02T09:00:02.217+00:00',1.7724420022177550792e+09,'1679e603847549dab6edafdaff8f6183','emails','contact',3,'add','EMAIL',NULL,'WORK',NULL,'b1@example.de',0,'done',NULL,'2026-03-02T09:00:02.217+00:00','["b1@example.de"]');
INSERT INTO "journal" VALUES(83,17,'2026-03-02T09:00:02.217+00:00',1.7724420022177550792e+09,'1679e603847549dab6edafdaff8f6183','phones','contact',14,'change','PHONE',32,'WORK','8 (916) 700-30-02','+79167003002',0,'refused','ACCESS_DENIED: Access denied','2026-03-02T09:00:02.217+00:00','["+79167003002"]');
INSERT INTO "journal" VALUES(84,17,'2026-03-02T09:00:02.248+00:00',1.77244200224886631965e+09,'fa35e7051d5449cd8b902c6d66755f5d','payment_dates','deal',3,'change','FIELD',0,'ufCrm_1721244707107','2025-12-15','2026-02-01',0,'done',NULL,'2026-03-02T09:00:02.248+00:00',NULL);
INSERT INTO "journal" VALUES(85,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',14,'change','PHONE',32,'WORK','8 (916) 700-30-02','+79167003002',0,'intent',NULL,NULL,'["+79167003002"]');
INSERT INTO "journal" VALUES(86,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',15,'change','PHONE',34,'WORK','8 (916) 111-30-00','+79161113000',0,'intent',NULL,NULL,'["+79161113000"]');
INSERT INTO "journal" VALUES(87,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',15,'change','PHONE',35,'WORK','8 916 112-30-00, 8 916 113-30-00','+79161123000',0,'intent',NULL,NULL,'["+79161123000","+79161133000"]');
INSERT INTO "journal" VALUES(88,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',15,'delete','PHONE',36,'WORK','+7 916 112-30-00',NULL,0,'intent',NULL,NULL,'["+79161123000"]');
INSERT INTO "journal" VALUES(89,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',15,'add','PHONE',NULL,'WORK',NULL,'+79161133000',0,'intent',NULL,NULL,'["+79161133000"]');
INSERT INTO "journal" VALUES(90,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','emails','contact',15,'change','EMAIL',37,'WORK','Z0@EXAMPLE.de','z0@example.de',0,'intent',NULL,NULL,'["z0@example.de"]');
INSERT INTO "journal" VALUES(91,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',16,'change','PHONE',38,'WORK','8 (916) 111-30-01','+79161113001',0,'intent',NULL,NULL,'["+79161113001"]');
INSERT INTO "journal" VALUES(92,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',16,'change','PHONE',39,'WORK','8 916 112-30-01, 8 916 113-30-01','+79161123001',0,'intent',NULL,NULL,'["+79161123001","+79161133001"]');
INSERT INTO "journal" VALUES(93,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',16,'delete','PHONE',40,'WORK','+7 916 112-30-01',NULL,0,'intent',NULL,NULL,'["+79161123001"]');
INSERT INTO "journal" VALUES(94,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',16,'add','PHONE',NULL,'WORK',NULL,'+79161133001',0,'intent',NULL,NULL,'["+79161133001"]');
INSERT INTO "journal" VALUES(95,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','emails','contact',16,'change','EMAIL',41,'WORK','Z1@EXAMPLE.de','z1@example.de',0,'intent',NULL,NULL,'["z1@example.de"]');
INSERT INTO "journal" VALUES(96,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',17,'change','PHONE',42,'WORK','8 (916) 111-30-02','+79161113002',0,'intent',NULL,NULL,'["+79161113002"]');
INSERT INTO "journal" VALUES(97,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',17,'change','PHONE',43,'WORK','8 916 112-30-02, 8 916 113-30-02','+79161123002',0,'intent',NULL,NULL,'["+79161123002","+79161133002"]');
INSERT INTO "journal" VALUES(98,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',17,'delete','PHONE',44,'WORK','+7 916 112-30-02',NULL,0,'intent',NULL,NULL,'["+79161123002"]');
INSERT INTO "journal" VALUES(99,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','phones','contact',17,'add','PHONE',NULL,'WORK',NULL,'+79161133002',0,'intent',NULL,NULL,'["+79161133002"]');
INSERT INTO "journal" VALUES(100,18,'2026-03-02T09:00:02.264+00:00',1.77244200226442193981e+09,'48a6685df95e4c8a91d249294921d41e','emails','contact',17,'change','EMAIL',45,'WORK','Z2@EXAMPLE.de','z2@example.de',0,'intent',NULL,NULL,'["z2@example.de"]');
INSERT INTO "journal" VALUES(101,18,'2026-03-02T09:00:03.186+00:00',1.77244200318663287169e+09,'9db0fb2b360744ed8c9a2c6f6aff4ee2','bindings','activity',16,'add','BINDING',NULL,'',NULL,'company:4',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(102,18,'2026-03-02T09:00:03.186+00:00',1.77244200318663287169e+09,'9db0fb2b360744ed8c9a2c6f6aff4ee2','bindings','activity',17,'add','BINDING',NULL,'',NULL,'company:4',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(103,18,'2026-03-02T09:00:03.186+00:00',1.77244200318663287169e+09,'9db0fb2b360744ed8c9a2c6f6aff4ee2','bindings','activity',18,'delete','BINDING',0,'','lead:8',NULL,0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(104,18,'2026-03-02T09:00:03.186+00:00',1.77244200318663287169e+09,'9db0fb2b360744ed8c9a2c6f6aff4ee2','bindings','activity',20,'change','TASK_LINKS',3,'','["L_8","D_7"]','["CO_4","D_7"]',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(105,18,'2026-03-02T09:00:04.944+00:00',1.77244200494458723068e+09,'b3a9b3649e644125bdad0ffa14c525f1','bindings','activity',19,'change','BINDING',0,'','lead:10','lead:9',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(106,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',2,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-02-27T12:00:00+03:00',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(107,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',3,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-02-01T12:00:00+03:00',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(108,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',5,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-02-03T12:00:00+03:00',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(109,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',6,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-01-11T12:00:01+03:00',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(110,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',8,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-02-21T12:00:02+03:00',0,'intent',NULL,NULL,NULL);
INSERT INTO "journal" VALUES(111,18,'2026-03-02T09:00:07.785+00:00',1.77244200778573036186e+09,'ff4b0c19c8834519a1fb6689ad2f47d4','payment_dates','deal',9,'add','FIELD',NULL,'ufCrm_1721244707108',NULL,'2026-02-22T12:00:02+03:00',0,'intent',NULL,NULL,NULL);
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "meta" VALUES('ids_stay','yes');
INSERT INTO "meta" VALUES('known_fields','{"deal/Paid at": "UF_CRM_1721244707108 (datetime)", "deal/Payment date": "UF_CRM_1721244707107 (date)"}');
INSERT INTO "meta" VALUES('known_types','{"company": 4, "contact": 17, "deal": 9, "lead": 10}');
INSERT INTO "meta" VALUES('limits','{"send_times": [1772442004.9445872, 1772442004.9445872, 1772442004.9445872, 1772442004.9445872, 1772442004.9445872, 1772442004.9445872, 1772442007.7857304, 1772442007.7857304, 1772442007.7857304, 1772442007.7857304], "costs": {"crm.item.get": 0.0, "crm.item.update": 0.0, "tasks.task.get": 0.0, "batch": 0.0, "crm.activity.binding.add": 0.0, "crm.item.list": 0.0, "crm.activity.list": 0.0, "profile": 0.0, "crm.item.payment.list": 0.0, "crm.activity.binding.delete": 0.0, "tasks.task.list": 0.0, "scope": 0.0, "crm.activity.binding.move": 0.0, "tasks.task.update": 0.0, "crm.item.fields": 0.0, "crm.activity.binding.list": 0.0}, "operating": {}, "reached": 1772442007.7857304, "utc_offset": 10800.0, "set_back_at": null, "dates": {"crm.item.list deal": {"is_plain": false, "shift": 0.0, "held_since": 1772442000.0777779, "confirmed_at": 1772442000.0777779, "utc_offset": 10800.0, "is_settled": true, "doubted_from": null, "doubted_until": null, "user_zone": ""}}}');
INSERT INTO "meta" VALUES('portal','portal.example');
CREATE TABLE queue (
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at TEXT NOT NULL,
    detail TEXT,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'gave_up')),
    revision INTEGER NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
) STRICT, WITHOUT ROWID;
INSERT INTO "queue" VALUES('activity',1,'review',0,'2026-03-02T09:00:02.264+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('activity',16,'unknown outcome',0,'2026-03-02T09:10:03.186+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('activity',17,'unknown outcome',0,'2026-03-02T09:10:03.186+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('activity',18,'unknown outcome',0,'2026-03-02T09:10:03.186+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('activity',19,'unknown outcome',0,'2026-03-02T09:10:04.944+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('activity',20,'unknown outcome',0,'2026-03-02T09:10:03.186+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('contact',14,'unknown outcome',0,'2026-03-02T09:10:02.264+00:00',NULL,'waiting',3);
INSERT INTO "queue" VALUES('contact',15,'unknown outcome',0,'2026-03-02T09:10:02.264+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('contact',16,'unknown outcome',0,'2026-03-02T09:10:02.264+00:00',NULL,'waiting',1);
INSERT INTO "queue" VALUES('contact',17,'unknown outcome',0,'2026-03-02T09:10:02.264+00:00',NULL,'waiting',1);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    entity_type TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    job TEXT NOT NULL,
    point_id INTEGER NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    suggestion TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'dismissed', 'closed', 'accepted')),
    opened_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    UNIQUE (entity_type, entity_id, job, point_id)
) STRICT;
INSERT INTO "reviews" VALUES(1,'contact',10,'phones',23,'375 29','too_short',NULL,'open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(2,'contact',10,'emails',24,'ivan@gmial.com','domain_typo','ivan@gmail.com','dismissed','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:02.124+00:00');
INSERT INTO "reviews" VALUES(3,'contact',3,'phones',7,'тел. 8 (916) 200-40-01 "x"','bad_extension',NULL,'open','2026-03-02T09:00:02.217+00:00','2026-03-02T09:00:02.217+00:00');
INSERT INTO "reviews" VALUES(4,'contact',9,'phones',22,'8 916 123-45-67 после 18:00','contains_text','+79161234567','open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(5,'contact',2,'phones',3,'тел. 8 (916) 200-40-00 "x"','bad_extension',NULL,'open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(6,'contact',5,'phones',15,'тел. 8 (916) 200-40-03 "x"','bad_extension',NULL,'open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(7,'contact',8,'phones',21,'+8 (812) 300-40-50','plus_before_trunk_prefix','+78123004050','open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(8,'contact',4,'phones',11,'тел. 8 (916) 200-40-02 "x"','bad_extension',NULL,'open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(9,'contact',7,'phones',20,'+8 (495) 123-45-67','plus_before_trunk_prefix','+74951234567','open','2026-03-02T09:00:00.015+00:00','2026-03-02T09:00:00.015+00:00');
INSERT INTO "reviews" VALUES(10,'deal',3,'payment_dates',0,'run 15','undone',NULL,'closed','2026-03-02T09:00:02.186+00:00','2026-03-02T09:00:02.186+00:00');
INSERT INTO "reviews" VALUES(11,'contact',1,'phones',0,'8 (495) 123-45-67 ⇄ +74951234567: corrected 2 times since 2026-03-02 09:00 UTC','alternates',NULL,'open','2026-03-02T09:00:00.140+00:00','2026-03-02T09:00:00.140+00:00');
INSERT INTO "reviews" VALUES(12,'deal',6,'payment_dates',0,'2025-12-26','entered_by_hand','2026-01-11','accepted','2026-03-02T09:00:02.093+00:00','2026-03-02T09:00:02.139+00:00');
INSERT INTO "reviews" VALUES(13,'contact',2,'emails',0,'run 12','undone',NULL,'open','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.155+00:00');
INSERT INTO "reviews" VALUES(14,'contact',2,'phones',0,'run 12','undone',NULL,'open','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.155+00:00');
INSERT INTO "reviews" VALUES(15,'contact',3,'emails',0,'run 13','undone',NULL,'closed','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.171+00:00');
INSERT INTO "reviews" VALUES(16,'contact',3,'phones',0,'run 13','undone',NULL,'closed','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.171+00:00');
INSERT INTO "reviews" VALUES(17,'activity',1,'bindings',0,'run 14','undone',NULL,'open','2026-03-02T09:00:02.171+00:00','2026-03-02T09:00:02.171+00:00');
INSERT INTO "reviews" VALUES(19,'deal',4,'payment_dates',0,'run 16','undone',NULL,'open','2026-03-02T09:00:02.202+00:00','2026-03-02T09:00:02.202+00:00');
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('backfill', 'partial', 'run', 'undo', 'rebind', 'review')),
    jobs TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    started_at TEXT NOT NULL,
    finished_at TEXT,
    began_server_time REAL,
    counts TEXT NOT NULL
) STRICT;
INSERT INTO "runs" VALUES(1,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:00.000+00:00','2026-03-02T09:00:00.077+00:00',1772442000.0,'{"read": 39, "corrected": 25, "corrections": 48, "reviews": 10, "mended": 2, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(2,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:00.093+00:00','2026-03-02T09:00:00.124+00:00',1.77244200009333324427e+09,'{"read": 25, "corrected": 2, "corrections": 2, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(3,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:00.124+00:00','2026-03-02T09:00:00.155+00:00',1.77244200012444448472e+09,'{"read": 25, "corrected": 0, "corrections": 0, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(4,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:00.155+00:00','2026-03-02T09:00:00.186+00:00',1.77244200015555548669e+09,'{"read": 25, "corrected": 1, "corrections": 1, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(5,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:00.202+00:00','2026-03-02T09:00:01.139+00:00',1.7724420002022221089e+09,'{"read": 29, "corrected": 2, "corrections": 2, "reviews": 0, "mended": 0, "unverified": 2, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(6,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:01.139+00:00','2026-03-02T09:00:02.093+00:00',1.77244200113998866081e+09,'{"read": 28, "corrected": 0, "corrections": 0, "reviews": 1, "mended": 0, "unverified": 0, "overtaken": 1, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(7,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:02.093+00:00','2026-03-02T09:00:02.124+00:00',1.77244200209331083297e+09,'{"read": 28, "corrected": 0, "corrections": 0, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(8,'review','[]','','done','2026-03-02T09:00:02.124+00:00','2026-03-02T09:00:02.124+00:00',1.77244200212442183498e+09,'{"read": 0, "corrected": 0, "corrections": 0, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(9,'review','["phones"]','','done','2026-03-02T09:00:02.124+00:00','2026-03-02T09:00:02.124+00:00',1.77244200212442183498e+09,'{"read": 1, "corrected": 1, "corrections": 1, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(10,'review','["payment_dates"]','','done','2026-03-02T09:00:02.124+00:00','2026-03-02T09:00:02.139+00:00',1.77244200212442183498e+09,'{"read": 2, "corrected": 2, "corrections": 2, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(11,'rebind','["bindings"]','9051f52c83b2fdc769a7da407610cb78f6ec6701768ac7c9105ec24e3719af3e','done','2026-03-02T09:00:02.139+00:00','2026-03-02T09:00:02.155+00:00',1.77244200213997745514e+09,'{"read": 1, "corrected": 1, "corrections": 2, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(12,'undo','["emails", "phones"]','','done','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.155+00:00',1.7724420021555330753e+09,'{"read": 2, "corrected": 1, "corrections": 4, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(13,'undo','["emails", "phones"]','','done','2026-03-02T09:00:02.155+00:00','2026-03-02T09:00:02.171+00:00',1.7724420021555330753e+09,'{"read": 2, "corrected": 1, "corrections": 5, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(14,'undo','["bindings"]','','done','2026-03-02T09:00:02.171+00:00','2026-03-02T09:00:02.186+00:00',1.77244200217108845716e+09,'{"read": 2, "corrected": 1, "corrections": 2, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(15,'undo','["payment_dates"]','','done','2026-03-02T09:00:02.186+00:00','2026-03-02T09:00:02.186+00:00',1.77244200218664407732e+09,'{"read": 2, "corrected": 1, "corrections": 1, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(16,'undo','["payment_dates"]','','done','2026-03-02T09:00:02.186+00:00','2026-03-02T09:00:02.202+00:00',1.77244200218664407732e+09,'{"read": 2, "corrected": 1, "corrections": 1, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
INSERT INTO "runs" VALUES(17,'backfill','["phones", "emails", "bindings", "payment_dates"]','3ee44d0aeab12f3be4eb21cac19edda85f5f7664d07184f7bb2b712f2986c933','done','2026-03-02T09:00:02.202+00:00','2026-03-02T09:00:02.248+00:00',1.77244200220219969748e+09,'{"read": 34, "corrected": 2, "corrections": 5, "reviews": 1, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 1}');
INSERT INTO "runs" VALUES(18,'backfill','["phones", "emails", "bindings", "payment_dates"]','61c95c8f52a3ba8def210bab49e8a1c2dce77fb3a72a1b7923772b78f87397e4','running','2026-03-02T09:00:02.264+00:00',NULL,1.77244200226442193981e+09,'{"read": 37, "corrected": 0, "corrections": 0, "reviews": 0, "mended": 0, "unverified": 0, "overtaken": 0, "refused": 0, "failed": 0}');
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX journal_by_item ON journal (entity_type, entity_id);
CREATE INDEX journal_by_run ON journal (run_id);
CREATE INDEX journal_open ON journal (batch, entity_type, entity_id) WHERE outcome = 'intent';
CREATE INDEX queue_by_state ON queue (state, due_at);
CREATE INDEX journal_refused ON journal (settled_at) WHERE outcome = 'refused';
CREATE INDEX holds_by_run ON holds (run_id);
CREATE INDEX reviews_open ON reviews (id) WHERE state = 'open'
;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',18);
INSERT INTO "sqlite_sequence" VALUES('reviews',20);
COMMIT;
