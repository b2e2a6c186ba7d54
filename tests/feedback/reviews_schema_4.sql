PRAGMA application_id = 1128418384;
PRAGMA user_version = 4;
BEGIN TRANSACTION;
CREATE TABLE checks (
	review VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	"check" VARCHAR NOT NULL, 
	shown INTEGER NOT NULL, 
	dismissed INTEGER NOT NULL, 
	PRIMARY KEY (review, number), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "checks" VALUES('580d453f466e45a8',0,'side_conflict',2,1);
INSERT INTO "checks" VALUES('da81942db6d29dfe',0,'side_conflict',2,1);
CREATE TABLE errors (
	review VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	category VARCHAR NOT NULL, 
	significance VARCHAR, 
	observation VARCHAR, 
	section VARCHAR, 
	start INTEGER, 
	"end" INTEGER, 
	origin VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	PRIMARY KEY (review, number), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "errors" VALUES('580d453f466e45a8',0,'severity','significant','Cardiomegaly','findings',10,23,'proposed','changed');
INSERT INTO "errors" VALUES('580d453f466e45a8',1,'missing finding',NULL,NULL,NULL,NULL,NULL,'by hand','confirmed');
INSERT INTO "errors" VALUES('580d453f466e45a8',2,'false finding',NULL,NULL,'impression',0,9,'proposed','ignored');
INSERT INTO "errors" VALUES('da81942db6d29dfe',0,'severity','significant','Cardiomegaly','findings',10,23,'proposed','changed');
INSERT INTO "errors" VALUES('da81942db6d29dfe',1,'missing finding',NULL,NULL,NULL,NULL,NULL,'by hand','confirmed');
INSERT INTO "errors" VALUES('da81942db6d29dfe',2,'false finding',NULL,NULL,'impression',0,9,'proposed','ignored');
CREATE TABLE reading_errors (
	review VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	seconds FLOAT, 
	PRIMARY KEY (review, number), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "reading_errors" VALUES('da81942db6d29dfe',0,50.0);
INSERT INTO "reading_errors" VALUES('da81942db6d29dfe',1,NULL);
INSERT INTO "reading_errors" VALUES('da81942db6d29dfe',2,NULL);
CREATE TABLE reading_sentences (
	review VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	seconds FLOAT, 
	PRIMARY KEY (review, number), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "reading_sentences" VALUES('580d453f466e45a8',0,30.0);
INSERT INTO "reading_sentences" VALUES('580d453f466e45a8',1,NULL);
INSERT INTO "reading_sentences" VALUES('580d453f466e45a8',2,45.0);
INSERT INTO "reading_sentences" VALUES('da81942db6d29dfe',0,30.0);
INSERT INTO "reading_sentences" VALUES('da81942db6d29dfe',1,NULL);
INSERT INTO "reading_sentences" VALUES('da81942db6d29dfe',2,45.0);
CREATE TABLE "readings" (
	review VARCHAR NOT NULL, 
	saved_seconds FLOAT NOT NULL, 
	active_seconds FLOAT NOT NULL, 
	first_word_seconds FLOAT, 
	draft_ended_seconds FLOAT, 
	first_action_seconds FLOAT, 
	reference_opened_seconds FLOAT, 
	characters_typed INTEGER NOT NULL, 
	characters_pasted INTEGER NOT NULL, 
	characters_kept INTEGER NOT NULL, 
	characters_filled_in INTEGER NOT NULL, 
	characters_ticked INTEGER NOT NULL, 
	windows INTEGER NOT NULL, 
	zooms INTEGER NOT NULL, 
	prior_viewed BOOLEAN, 
	accepted_faster_than_readable BOOLEAN NOT NULL, 
	accepted_all_at_once BOOLEAN NOT NULL, 
	never_zoomed BOOLEAN NOT NULL, 
	verdict_seconds FLOAT, 
	interrupted BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (review), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "readings" VALUES('580d453f466e45a8',61.5,40.25,1.5,4.0,6.0,NULL,12,0,20,0,0,2,0,1,0,0,1,NULL,0);
INSERT INTO "readings" VALUES('da81942db6d29dfe',61.5,40.25,1.5,4.0,6.0,40.0,12,0,20,0,0,2,0,1,0,0,1,58.0,0);
CREATE TABLE "reviews" (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	replaces VARCHAR, 
	created VARCHAR NOT NULL, 
	verdict VARCHAR NOT NULL, 
	overall INTEGER CHECK (overall BETWEEN 1 AND 5), 
	words_added INTEGER NOT NULL, 
	words_removed INTEGER NOT NULL, 
	editing_seconds FLOAT NOT NULL, 
	consented BOOLEAN NOT NULL, 
	base VARCHAR NOT NULL, 
	base_digest VARCHAR NOT NULL, 
	adapter VARCHAR, 
	adapter_digest VARCHAR, 
	precision VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	prompt_version VARCHAR NOT NULL, 
	radiographs JSON NOT NULL, 
	seed INTEGER NOT NULL, 
	tokens INTEGER NOT NULL, 
	seconds FLOAT NOT NULL, 
	stopped BOOLEAN NOT NULL, 
	warning_count INTEGER NOT NULL, 
	reader VARCHAR, 
	study VARCHAR, 
	would_sign BOOLEAN, 
	style_edits INTEGER DEFAULT 0 NOT NULL, 
	content_edits INTEGER DEFAULT 0 NOT NULL, 
	reading_consented BOOLEAN DEFAULT 0 NOT NULL, 
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(replaces) REFERENCES reviews (id)
);
INSERT INTO "reviews" VALUES(1,'4904dfea19494727',NULL,'2026-11-24T08:00:00.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL,NULL,0,0,0);
INSERT INTO "reviews" VALUES(2,'e48f3b7ad839a728',NULL,'2026-11-24T08:00:01.123456+00:00','minor edits',4,2,1,30.25,0,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL,NULL,0,0,0);
INSERT INTO "reviews" VALUES(3,'6a6125005664af6d','4904dfea19494727','2026-11-24T08:00:02.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL,NULL,0,0,0);
INSERT INTO "reviews" VALUES(4,'83aaaa862949925e',NULL,'2026-11-24T08:00:03.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL,NULL,0,0,0);
INSERT INTO "reviews" VALUES(5,'d020ee22eee2bec9',NULL,'2026-11-24T08:00:04.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,'heron-42','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',NULL,0,0,0);
INSERT INTO "reviews" VALUES(6,'580d453f466e45a8',NULL,'2026-11-24T08:00:05.123456+00:00','minor edits',NULL,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,'heron-42','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',0,1,2,1);
INSERT INTO "reviews" VALUES(7,'da81942db6d29dfe',NULL,'2026-11-24T08:00:06.123456+00:00','minor edits',NULL,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,'heron-42','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd',0,1,2,1);
CREATE TABLE sentences (
	review VARCHAR NOT NULL, 
	number INTEGER NOT NULL, 
	section VARCHAR NOT NULL, 
	start INTEGER, 
	"end" INTEGER, 
	fate VARCHAR, 
	final_start INTEGER, 
	final_end INTEGER, 
	decided_by VARCHAR, 
	PRIMARY KEY (review, number), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "sentences" VALUES('580d453f466e45a8',0,'findings',0,23,'edited',0,25,'typing');
INSERT INTO "sentences" VALUES('580d453f466e45a8',1,'impression',0,9,'dropped',NULL,NULL,'rest at once');
INSERT INTO "sentences" VALUES('580d453f466e45a8',2,'impression',NULL,NULL,NULL,0,9,NULL);
INSERT INTO "sentences" VALUES('da81942db6d29dfe',0,'findings',0,23,'edited',0,25,'typing');
INSERT INTO "sentences" VALUES('da81942db6d29dfe',1,'impression',0,9,'dropped',NULL,NULL,'rest at once');
INSERT INTO "sentences" VALUES('da81942db6d29dfe',2,'impression',NULL,NULL,NULL,0,9,NULL);
CREATE TABLE texts (
	review VARCHAR NOT NULL, 
	indication VARCHAR NOT NULL, 
	history VARCHAR NOT NULL, 
	technique VARCHAR NOT NULL, 
	comparison VARCHAR NOT NULL, 
	prior_report VARCHAR NOT NULL, 
	hints VARCHAR NOT NULL, 
	draft_findings VARCHAR NOT NULL, 
	draft_impression VARCHAR NOT NULL, 
	final_findings VARCHAR NOT NULL, 
	final_impression VARCHAR NOT NULL, 
	reference_findings VARCHAR NOT NULL, 
	reference_impression VARCHAR NOT NULL, 
	comment VARCHAR NOT NULL, 
	prompt VARCHAR NOT NULL, 
	prompt_digest VARCHAR NOT NULL, 
	warnings JSON NOT NULL, 
	PRIMARY KEY (review), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "texts" VALUES('4904dfea19494727','Indicationword','Historyword','Techniqueword','Comparisonword','Priorword','Hintword','Draftword heart normal.','Draftend.','Finalword heart enlarged.','Finalend.','Referenceword.','Referenceend.','Commentword','Promptword: cough.','9847117d81d9100757c0962a82ea63f313131d232fefac3ddf8c8072fa3d1f6a','["Warningword was cut."]');
INSERT INTO "texts" VALUES('6a6125005664af6d','Indicationword','Historyword','Techniqueword','Comparisonword','Priorword','Hintword','Draftword heart normal.','Draftend.','Finalword heart enlarged.','Finalend.','Referenceword.','Referenceend.','Commentword','Promptword: cough.','9847117d81d9100757c0962a82ea63f313131d232fefac3ddf8c8072fa3d1f6a','["Warningword was cut."]');
INSERT INTO "texts" VALUES('d020ee22eee2bec9','Indicationword','Historyword','Techniqueword','Comparisonword','Priorword','Hintword','Draftword heart normal.','Draftend.','Finalword heart enlarged.','Finalend.','Referenceword.','Referenceend.','Commentword','Promptword: cough.','9847117d81d9100757c0962a82ea63f313131d232fefac3ddf8c8072fa3d1f6a','["Warningword was cut."]');
INSERT INTO "texts" VALUES('580d453f466e45a8','Indicationword','Historyword','Techniqueword','Comparisonword','Priorword','Hintword','Draftword heart normal.','Draftend.','Finalword heart enlarged.','Finalend.','Referenceword.','Referenceend.','Commentword','Promptword: cough.','9847117d81d9100757c0962a82ea63f313131d232fefac3ddf8c8072fa3d1f6a','["Warningword was cut."]');
INSERT INTO "texts" VALUES('da81942db6d29dfe','Indicationword','Historyword','Techniqueword','Comparisonword','Priorword','Hintword','Draftword heart normal.','Draftend.','Finalword heart enlarged.','Finalend.','Referenceword.','Referenceend.','Commentword','Promptword: cough.','9847117d81d9100757c0962a82ea63f313131d232fefac3ddf8c8072fa3d1f6a','["Warningword was cut."]');
CREATE TABLE withdrawals (
	review VARCHAR NOT NULL, 
	withdrawn VARCHAR NOT NULL, 
	PRIMARY KEY (review), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "withdrawals" VALUES('83aaaa862949925e','2026-11-29T19:42:58.465687+00:00');
CREATE TRIGGER withdrawals_refuse_update BEFORE UPDATE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;
CREATE TRIGGER withdrawals_refuse_delete BEFORE DELETE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;
CREATE TRIGGER texts_refuse_update BEFORE UPDATE ON texts  BEGIN SELECT RAISE(ABORT, 'texts never change'); END;
CREATE TRIGGER texts_refuse_delete BEFORE DELETE ON texts WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review) BEGIN SELECT RAISE(ABORT, 'texts go only when their consent does'); END;
CREATE TRIGGER texts_refuse_insert BEFORE INSERT ON texts WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review) BEGIN SELECT RAISE(ABORT, 'the consent to these texts was withdrawn'); END;
CREATE INDEX ix_reviews_replaces ON reviews (replaces);
CREATE TRIGGER reviews_refuse_update BEFORE UPDATE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER reviews_refuse_delete BEFORE DELETE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER sentences_refuse_update BEFORE UPDATE ON sentences  BEGIN SELECT RAISE(ABORT, 'sentences are append-only'); END;
CREATE TRIGGER sentences_refuse_delete BEFORE DELETE ON sentences  BEGIN SELECT RAISE(ABORT, 'sentences are append-only'); END;
CREATE TRIGGER errors_refuse_update BEFORE UPDATE ON errors  BEGIN SELECT RAISE(ABORT, 'errors are append-only'); END;
CREATE TRIGGER errors_refuse_delete BEFORE DELETE ON errors  BEGIN SELECT RAISE(ABORT, 'errors are append-only'); END;
CREATE TRIGGER checks_refuse_update BEFORE UPDATE ON checks  BEGIN SELECT RAISE(ABORT, 'checks are append-only'); END;
CREATE TRIGGER checks_refuse_delete BEFORE DELETE ON checks  BEGIN SELECT RAISE(ABORT, 'checks are append-only'); END;
CREATE TRIGGER reading_sentences_refuse_update BEFORE UPDATE ON reading_sentences  BEGIN SELECT RAISE(ABORT, 'reading_sentences never change'); END;
CREATE TRIGGER reading_sentences_refuse_delete BEFORE DELETE ON reading_sentences WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review) BEGIN SELECT RAISE(ABORT, 'reading_sentences go only when their consent does'); END;
CREATE TRIGGER reading_sentences_refuse_insert BEFORE INSERT ON reading_sentences WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review) BEGIN SELECT RAISE(ABORT, 'the consent to these reading_sentences was withdrawn'); END;
CREATE TRIGGER readings_refuse_update BEFORE UPDATE ON readings  BEGIN SELECT RAISE(ABORT, 'readings never change'); END;
CREATE TRIGGER readings_refuse_delete BEFORE DELETE ON readings WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review) BEGIN SELECT RAISE(ABORT, 'readings go only when their consent does'); END;
CREATE TRIGGER readings_refuse_insert BEFORE INSERT ON readings WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review) BEGIN SELECT RAISE(ABORT, 'the consent to these readings was withdrawn'); END;
CREATE TRIGGER reading_errors_refuse_update BEFORE UPDATE ON reading_errors  BEGIN SELECT RAISE(ABORT, 'reading_errors never change'); END;
CREATE TRIGGER reading_errors_refuse_delete BEFORE DELETE ON reading_errors WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review) BEGIN SELECT RAISE(ABORT, 'reading_errors go only when their consent does'); END;
CREATE TRIGGER reading_errors_refuse_insert BEFORE INSERT ON reading_errors WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review) BEGIN SELECT RAISE(ABORT, 'the consent to these reading_errors was withdrawn'); END;
COMMIT;
