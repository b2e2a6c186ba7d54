PRAGMA application_id = 1128418384;
PRAGMA user_version = 2;
BEGIN TRANSACTION;
CREATE TABLE reviews (
	number INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	replaces VARCHAR, 
	created VARCHAR NOT NULL, 
	verdict VARCHAR NOT NULL, 
	overall INTEGER NOT NULL CHECK (overall BETWEEN 1 AND 5), 
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
	PRIMARY KEY (number), 
	UNIQUE (id), 
	FOREIGN KEY(replaces) REFERENCES reviews (id)
);
INSERT INTO "reviews" VALUES(1,'4904dfea19494727',NULL,'2026-11-24T08:00:00.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL);
INSERT INTO "reviews" VALUES(2,'e48f3b7ad839a728',NULL,'2026-11-24T08:00:01.123456+00:00','minor edits',4,2,1,30.25,0,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL);
INSERT INTO "reviews" VALUES(3,'6a6125005664af6d','4904dfea19494727','2026-11-24T08:00:02.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL);
INSERT INTO "reviews" VALUES(4,'83aaaa862949925e',NULL,'2026-11-24T08:00:03.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,NULL,NULL);
INSERT INTO "reviews" VALUES(5,'d020ee22eee2bec9',NULL,'2026-11-24T08:00:04.123456+00:00','minor edits',4,2,1,30.25,1,'base','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','adapter','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa','fp32','cpu','1','["ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"]',7,12,0.5,1,1,'heron-42','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd');
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
CREATE TABLE withdrawals (
	review VARCHAR NOT NULL, 
	withdrawn VARCHAR NOT NULL, 
	PRIMARY KEY (review), 
	FOREIGN KEY(review) REFERENCES reviews (id)
);
INSERT INTO "withdrawals" VALUES('83aaaa862949925e','2026-11-29T19:42:58.465687+00:00');
CREATE INDEX ix_reviews_replaces ON reviews (replaces);
CREATE TRIGGER reviews_refuse_update BEFORE UPDATE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER reviews_refuse_delete BEFORE DELETE ON reviews  BEGIN SELECT RAISE(ABORT, 'reviews are append-only'); END;
CREATE TRIGGER withdrawals_refuse_update BEFORE UPDATE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;
CREATE TRIGGER withdrawals_refuse_delete BEFORE DELETE ON withdrawals  BEGIN SELECT RAISE(ABORT, 'withdrawals are append-only'); END;
CREATE TRIGGER texts_refuse_update BEFORE UPDATE ON texts  BEGIN SELECT RAISE(ABORT, 'texts never change'); END;
CREATE TRIGGER texts_refuse_delete BEFORE DELETE ON texts WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review) BEGIN SELECT RAISE(ABORT, 'texts go only when their consent does'); END;
CREATE TRIGGER texts_refuse_insert BEFORE INSERT ON texts WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review) BEGIN SELECT RAISE(ABORT, 'the consent to these texts was withdrawn'); END;
COMMIT;
