"""Grading: assignments out, submissions in, marks and feedback back.

``grading/README.md`` says how to use it. One module holds one thing:

- :mod:`press.grading.places`: where everything lies;
- :mod:`press.grading.assignment`: what a lab asks for, and for how many points;
- :mod:`press.grading.release`: the notebooks that students get, and nbgrader's copy of them;
- :mod:`press.grading.collect`: from a folder of files to one submission for each student and lab;
- :mod:`press.grading.files`: what lies in folders and archives, within limits for each student;
- :mod:`press.grading.reading`: a submission's cells, however broken its file is;
- :mod:`press.grading.needs`: which of its statements the graded functions need;
- :mod:`press.grading.sandbox`, :mod:`press.grading.kernel`: where they run;
- :mod:`press.grading.calls`, :mod:`press.grading.cage`: what the machine refuses and counts there;
- :mod:`press.grading.inside`: the only code of ours that runs in there;
- :mod:`press.grading.judge`: hidden cases, compared out here;
- :mod:`press.grading.weights`: what they bring together;
- :mod:`press.grading.examiner`: one submission, from its file to its result;
- :mod:`press.grading.shards`: many of them, two at a time;
- :mod:`press.grading.marking`: rubrics, like answers together, and who marked what;
- :mod:`press.grading.statistics`, :mod:`press.grading.similarity`: pages on the class;
- :mod:`press.grading.book`, :mod:`press.grading.feedback`: nbgrader's gradebook, pages, a table.
"""
