CodeSystem: TaskOutput
Id: task-output
Title: "Hva som kom av oppgaven"
Description: "What a Task.output of the process engine is, or of whoever works with its Tasks."
* insert Worded([[Kva som kom av oppgåva]], [[What came of a task]], [[Hva en Task.output fra prosessmotoren er, eller fra den som arbeider med oppgavene.]], [[Kva ein Task.output frå prosessmotoren er, eller frå den som arbeider med oppgåvene.]])
* insert Ours
* ^language = #nb
* ^caseSensitive = true
* #answers "Svar" "The answers by which a form that was asked for is done, with their version."
* #answers insert Designated("Svar", "Answers")
* #eligibility "Forslag etter svarene" "What the answers about a referral speak for: accepted, rejected or undecided."
* #eligibility insert Designated("Framlegg etter svara", "Proposal by the answers")
* #eligibility-reason "Hvorfor" "Why that is proposed."
* #eligibility-reason insert Designated("Kvifor", "Why")
* #deterioration "Forverring" "Whether what the Task was about was a deterioration."
* #deterioration insert Designated("Forverring", "Deterioration")
