package report

import (
	"bytes"
	"io"
	"testing"
)

func TestAnswers(t *testing.T) {
	answers := []Answer{
		{"a.jpg", []Candidate{{"cat", 0.75}, {"dog", 0.5}}},
		{"b, c.jpg", []Candidate{{"tiger\nlily", -0.25}, {"cat", -1}}},
	}
	tests := []struct {
		name  string
		write func(io.Writer, []Answer) error
		want  string
	}{
		{"a table names each file once and shows control characters as escapes", WriteAnswersTable, "" +
			"a.jpg     0.7500   cat\n" +
			"          0.5000   dog\n" +
			"b, c.jpg  -0.2500  tiger\\nlily\n" +
			"          -1.0000  cat\n"},
		{"CSV has a row a hit with its rank", WriteAnswersCSV, "" +
			"file,rank,label,score\n" +
			"a.jpg,1,cat,0.75\n" +
			"a.jpg,2,dog,0.5\n" +
			"\"b, c.jpg\",1,\"tiger\nlily\",-0.25\n" +
			"\"b, c.jpg\",2,cat,-1\n"},
		{"JSON keeps names as they are", WriteAnswersJSON, `{"schema":2,"answers":[` +
			`{"file":"a.jpg","hits":[{"label":"cat","score":0.75},{"label":"dog","score":0.5}]},` +
			`{"file":"b, c.jpg","hits":[{"label":"tiger\nlily","score":-0.25},{"label":"cat","score":-1}]}]}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := tt.write(&out, answers); err != nil {
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
