package report

import (
	"bytes"
	"io"
	"testing"
)

func TestAnswers(t *testing.T) {
	sure, yes, no := 0.625, true, false
	answers := []Answer{
		{"a.jpg", nil, []Candidate{{"cat", 0.75, nil}, {"dog", 0.5, nil}}},
		{"b, c.jpg", nil, []Candidate{{"tiger\nlily", -0.25, nil}, {"cat", -1, nil}}},
	}
	judged := []Answer{
		{"a.jpg", &no, []Candidate{{"cat", 0.75, &sure}}},
		{"d.jpg", &yes, []Candidate{{"dog", -0.5, &sure}}},
	}
	tests := []struct {
		name    string
		write   func(io.Writer, []Answer) error
		answers []Answer
		want    string
	}{
		{"a table names each file once and shows control characters as escapes", WriteAnswersTable, answers, "" +
			"a.jpg     0.7500   cat\n" +
			"          0.5000   dog\n" +
			"b, c.jpg  -0.2500  tiger\\nlily\n" +
			"          -1.0000  cat\n"},
		{"CSV has a row a hit with its rank", WriteAnswersCSV, answers, "" +
			"file,rank,label,score,probability,unknown\n" +
			"a.jpg,1,cat,0.75,,\n" +
			"a.jpg,2,dog,0.5,,\n" +
			"\"b, c.jpg\",1,\"tiger\nlily\",-0.25,,\n" +
			"\"b, c.jpg\",2,cat,-1,,\n"},
		{"JSON keeps names as they are", WriteAnswersJSON, answers, `{"schema":2,"answers":[` +
			`{"file":"a.jpg","hits":[{"label":"cat","score":0.75},{"label":"dog","score":0.5}]},` +
			`{"file":"b, c.jpg","hits":[{"label":"tiger\nlily","score":-0.25},{"label":"cat","score":-1}]}]}` + "\n"},
		{"a table with probabilities", WriteAnswersTable, judged, "" +
			"a.jpg  0.7500    62.5 %  cat\n" +
			"d.jpg                    unknown\n" +
			"       -0.5000   62.5 %  dog\n"},
		{"a table of probabilities alone", WriteAnswersTable, []Answer{{"a.jpg", nil, []Candidate{{"cat", 0.625, &sure}}}}, "a.jpg  0.6250  cat\n"},
		{"CSV with probabilities", WriteAnswersCSV, judged, "" +
			"file,rank,label,score,probability,unknown\n" +
			"a.jpg,1,cat,0.75,0.625,false\n" +
			"d.jpg,1,dog,-0.5,0.625,true\n"},
		{"JSON with probabilities", WriteAnswersJSON, judged, `{"schema":2,"answers":[` +
			`{"file":"a.jpg","unknown":false,"hits":[{"label":"cat","score":0.75,"probability":0.625}]},` +
			`{"file":"d.jpg","unknown":true,"hits":[{"label":"dog","score":-0.5,"probability":0.625}]}]}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tt.write(&out, tt.answers); err != nil {
				t.Fatal(err)
			}
			if out.String() != tt.want {
				t.Errorf("got\n%s\nwant\n%s", out.String(), tt.want)
			}
		})
	}
}

func TestNoAnswersAreAnEmptyList(t *testing.T) {
	var out bytes.Buffer
	if err := WriteAnswersJSON(&out, nil); err != nil || out.String() != `{"schema":2,"answers":[]}`+"\n" {
		t.Errorf("%q, %v", out.String(), err)
	}
}
