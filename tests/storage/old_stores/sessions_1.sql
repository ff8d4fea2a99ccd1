BEGIN TRANSACTION;
CREATE TABLE briefs (session, place, id, request, text, angle, avoid, images_from, form, sound, turn, form_name, missing, PRIMARY KEY (session, place));
INSERT INTO "briefs" VALUES('railway-station',0,'acf19196dc09a0f1','a poem about a railway station','ANGLE: the person who sweeps the hall
AVOID: tracks to nowhere; lonely whistle; all aboard; journey of life; missed train; cold rails; adieu; old clock
IMAGES FROM: a tailor''s workroom
FORM: free verse
SOUND: a soft s
TURN: from the hall to the glove','the person who sweeps the hall','["tracks to nowhere", "lonely whistle", "all aboard", "journey of life", "missed train", "cold rails", "adieu", "old clock"]','a tailor''s workroom','free verse','a soft s','from the hall to the glove','free verse','[]');
CREATE TABLE changes (session, place, round, id, kind, before_line, after_line, before, after, change, decision, PRIMARY KEY (session, place));
INSERT INTO "changes" VALUES('railway-station',0,1,'0fb757471bcd5ccc','kept',1,1,'He sweeps the yellow edge,','He sweeps the yellow edge,',0.0,'undecided');
INSERT INTO "changes" VALUES('railway-station',1,1,'82afb100c4809a1e','cut',2,0,'the dust goes where dust goes,','',1.0,'undecided');
INSERT INTO "changes" VALUES('railway-station',2,1,'27e4b15a1e1062cf','new',0,2,'','a broom with three teeth left,',1.0,'undecided');
INSERT INTO "changes" VALUES('railway-station',3,1,'1bab084f8d7db439','kept',3,3,'the clock unpicks a minute,','the clock unpicks a minute,',0.0,'undecided');
INSERT INTO "changes" VALUES('railway-station',4,1,'9e55cb54134586cf','kept',4,4,'the hall is shut.','the hall is shut.',0.0,'undecided');
CREATE TABLE critiques (session, place, id, draft_id, text, verdict, reason, said, form_passed, engine, prompt_digest, seed, dropped, PRIMARY KEY (session, place));
INSERT INTO "critiques" VALUES('railway-station',0,'bccfa70adfe41378','5b4f74620c3c7212','STRONGEST line 1: "sweeps" works.
LINE 2 (padding): thin. TRY: cut it.
VERDICT revise: not yet.','revise','not yet.','revise',1,'built-in','a94cbf49636ecd04',117305889,'[]');
INSERT INTO "critiques" VALUES('railway-station',1,'198c2f88d980ad1d','a2414ed7466af87c','STRONGEST line 1: "sweeps" works.
LINE 2 (padding): thin. TRY: cut it.
VERDICT revise: not yet.','revise','not yet.','revise',1,'built-in','18bb8efa5b9ffa9b',1200008629,'[]');
CREATE TABLE drafts (session, place, id, number, title, text, parent_id, critique_id, author, engine, prompt_digest, seed, remarks DEFAULT '[]', PRIMARY KEY (session, place));
INSERT INTO "drafts" VALUES('railway-station',0,'5b4f74620c3c7212',0,'Hall','He sweeps the yellow edge,
the dust goes where dust goes,
the clock unpicks a minute,
the hall is shut.','','','poet','built-in','212ef5f1328f3c96',405560716,'["left out as talk: “Here is it.”"]');
INSERT INTO "drafts" VALUES('railway-station',1,'a2414ed7466af87c',1,'Hall','He sweeps the yellow edge,
a broom with three teeth left,
the clock unpicks a minute,
the hall is shut.','5b4f74620c3c7212','bccfa70adfe41378','poet','built-in','0f6ad2834602dc22',552127060,'[]');
INSERT INTO "drafts" VALUES('railway-station',2,'a16dd6cc0de89019',1,'Hall','He sweeps the yellow edge,
a broom that lost its voice,
one glove lies under the bench,
the hall is shut.','5b4f74620c3c7212','','control','built-in','f87bbe91c4f5b6ac',1948548968,'[]');
CREATE TABLE items (session, place, critique_id, id, first_line, last_line, failure, note, direction, PRIMARY KEY (session, place));
INSERT INTO "items" VALUES('railway-station',0,'bccfa70adfe41378','08a7bdb9557ed0c9',1,1,'strongest','"sweeps" works.','');
INSERT INTO "items" VALUES('railway-station',1,'bccfa70adfe41378','db0de8c71e356263',2,2,'padding','thin.','cut it.');
INSERT INTO "items" VALUES('railway-station',2,'198c2f88d980ad1d','dde7516e650b9524',1,1,'strongest','"sweeps" works.','');
INSERT INTO "items" VALUES('railway-station',3,'198c2f88d980ad1d','da21d8485a561a6d',2,2,'padding','thin.','cut it.');
CREATE TABLE rejected (session, place, id, kind, round, attempt, seed, why, text, PRIMARY KEY (session, place));
INSERT INTO "rejected" VALUES('railway-station',0,'0308340ba9f290c5','critique',0,0,1574459818,'it names no line and gives no approval','no critique');
CREATE TABLE responses (session, place, round, item_id, outcome, change_ids, evidence, PRIMARY KEY (session, place));
INSERT INTO "responses" VALUES('railway-station',0,1,'db0de8c71e356263','done','["82afb100c4809a1e", "27e4b15a1e1062cf"]','Line 2 "the dust goes where dust goes," was cut; line 2 "a broom with three teeth left," is new there.');
CREATE TABLE rounds (session, place, draft_id, critique_id, control_id, number, direction, PRIMARY KEY (session, place));
INSERT INTO "rounds" VALUES('railway-station',0,'5b4f74620c3c7212','bccfa70adfe41378','',0,'');
INSERT INTO "rounds" VALUES('railway-station',1,'a2414ed7466af87c','198c2f88d980ad1d','a16dd6cc0de89019',1,'');
CREATE TABLE sessions (id TEXT PRIMARY KEY, began, settings, request, seed, educator, poet, best, final_note, stop, stop_detail, elapsed_seconds);
INSERT INTO "sessions" VALUES('railway-station',1.79585635910318756102e+09,'{"educator": "built-in", "poet": "built-in", "max_revisions": 1, "min_revisions": 0, "retries": 3, "seed": 42, "form": "", "form_gate": true, "control": true, "direction": "", "final_note": true, "persona": "mentor_short", "poet_persona": "poet", "educator_guidance": "auto", "poet_guidance": "auto", "report_chars": 600, "sampling": {"brief": {"temperature": 0.4, "top_p": 0.95, "top_k": 40, "max_new_tokens": 800}, "draft": {"temperature": 0.8, "top_p": 0.95, "top_k": 40, "max_new_tokens": 600}, "critique": {"temperature": 0.3, "top_p": 0.95, "top_k": 40, "max_new_tokens": 600}, "revise": {"temperature": 0.75, "top_p": 0.95, "top_k": 40, "max_new_tokens": 600}, "final_note": {"temperature": 0.3, "top_p": 0.95, "top_k": 40, "max_new_tokens": 400}}}','a poem about a railway station',42,'built-in','built-in',1,'The poem has become a hall. Carry the broom on.','limit','',1.12995258799992370768e+00);
COMMIT;
