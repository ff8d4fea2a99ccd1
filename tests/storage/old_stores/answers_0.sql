BEGIN TRANSACTION;
CREATE TABLE answers (id, task, step, text, failure, detail, n_prompt_tokens, n_tokens, cost, model, seed, PRIMARY KEY (id));
INSERT INTO "answers" VALUES('a1','critique',1,'The gutter counts well.','','',10,5,0.001,'m',3);
INSERT INTO "answers" VALUES('a2','critique',1,'','engine','no answer',0,0,0.0,'m',4);
COMMIT;
