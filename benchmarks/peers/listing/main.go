// The peer of GET /api/catalog/spaces: net/http and pgx, the captured statements, the same answer byte by byte.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"sort"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Statement is one captured statement; its arguments are in PostgreSQL's text form, nil for NULL.
type Statement struct {
	SQL  string `json:"sql"`
	Args []*string
}

// Query is what one address asks for.
type Query struct {
	City, Page, Facets Statement
	Sort, Per          string
	Currency           string
	Limit              int
}

// Bucket is a range of prices in words.
type Bucket struct{ Value, Label string }

// Config is what the benchmark tells us: queries by their query string, and words in the one language asked for.
type Config struct {
	Queries   map[string]Query
	Amenities map[string]string
	Kinds     map[string]string
	Buckets   map[string]Bucket
	Latin     map[string]string
}

type text map[string]*string

func (t text) pick() string {
	for _, language := range []string{"ru", "en"} {
		if t[language] != nil && *t[language] != "" {
			return *t[language]
		}
	}
	return ""
}

func or(first, second string) string {
	if first != "" {
		return first
	}
	return second
}

type named struct {
	Slug string `json:"slug"`
	Name text   `json:"name"`
}

type stop struct {
	Name      string  `json:"name"`
	Line      *string `json:"line"`
	LatinName string  `json:"latin_name"`
	LatinLine *string `json:"latin_line"`
	Color     *string `json:"color"`
	Metres    int     `json:"metres"`
}

type located struct {
	City     *named `json:"city"`
	District *named `json:"district"`
	Transit  []stop `json:"transit"`
}

type place struct {
	Slug string `json:"slug"`
	Name string `json:"name"`
}

type point struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

type rating struct {
	Average *float64 `json:"average"`
	Count   int      `json:"count"`
}

type price struct {
	Amount   string `json:"amount"`
	Currency string `json:"currency"`
	Per      string `json:"per"`
}

type photo struct {
	URL string `json:"url"`
}

type label struct {
	Slug  string `json:"slug"`
	Label string `json:"label"`
}

type card struct {
	ID       string   `json:"id"`
	Slug     string   `json:"slug"`
	Title    string   `json:"title"`
	City     place    `json:"city"`
	District *place   `json:"district"`
	Address  string   `json:"address"`
	Location point    `json:"location"`
	Amenity  []string `json:"amenities"`
	Labels   []label  `json:"amenity_labels"`
	Rating   rating   `json:"rating"`
	Price    *price   `json:"price_from"`
	Distance *int     `json:"distance_m"`
	Transit  *stop    `json:"nearest_transit"`
	Photo    *string  `json:"photo_url"`
}

type value struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count int    `json:"count"`
}

type facets struct {
	City      []value `json:"city"`
	District  []value `json:"district"`
	Amenities []value `json:"amenities"`
	Kind      []value `json:"kind"`
	Price     []value `json:"price"`
	Rating    []value `json:"rating"`
}

type list struct {
	Items      []card  `json:"items"`
	NextCursor *string `json:"next_cursor"`
	Total      int     `json:"total"`
	Facets     facets  `json:"facets"`
	Per        string  `json:"per"`
	Currency   string  `json:"currency"`
}

func ask(ctx context.Context, connection *pgxpool.Conn, statement Statement) (pgx.Rows, error) {
	args := make([]any, len(statement.Args))
	for number, one := range statement.Args {
		if one != nil {
			args[number] = *one
		}
	}
	return connection.Query(ctx, statement.SQL, args...)
}

// scan reads the columns that are wanted by name; the others are skipped.
func scan(rows pgx.Rows, wanted map[string]any) error {
	targets := make([]any, len(rows.FieldDescriptions()))
	for number, column := range rows.FieldDescriptions() {
		targets[number] = wanted[column.Name]
	}
	return rows.Scan(targets...)
}

func page(ctx context.Context, connection *pgxpool.Conn, query Query, config *Config) ([]card, *string, error) {
	rows, err := ask(ctx, connection, query.Page)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	cards, keys := []card{}, []any{}
	for rows.Next() {
		var one card
		var citySlug string
		var title, cityName text
		var stored *located
		var photos []photo
		var moment time.Time
		var amount string
		key := any(&moment)
		if query.Sort != "newest" {
			key = &amount
		}
		err := scan(rows, map[string]any{
			"id": &one.ID, "slug": &one.Slug, "title": &title, "city": &citySlug, "city_name": &cityName,
			"located": &stored, "address": &one.Address, "latitude": &one.Location.Latitude,
			"longitude": &one.Location.Longitude, "amenities": &one.Amenity, "price_from": &one.Price,
			"distance_m": &one.Distance, "photos": &photos, "sort_key": key,
		})
		if err != nil {
			return nil, nil, err
		}
		where := located{}
		if stored != nil {
			where = *stored
		}
		one.Title = or(title.pick(), one.Slug)
		if cityName == nil && where.City != nil && where.City.Slug == citySlug {
			cityName = where.City.Name
		}
		one.City = place{citySlug, or(cityName.pick(), citySlug)}
		one.Labels = make([]label, len(one.Amenity))
		for i, slug := range one.Amenity {
			one.Labels[i] = label{slug, or(config.Amenities[slug], slug)}
		}
		if where.District != nil {
			one.District = &place{where.District.Slug, or(where.District.Name.pick(), where.District.Slug)}
		}
		if len(where.Transit) > 0 {
			one.Transit = &where.Transit[0]
			one.Transit.LatinName = config.Latin[one.Transit.Name]
			if one.Transit.Line != nil {
				line := config.Latin[*one.Transit.Line]
				one.Transit.LatinLine = &line
			}
		}
		if len(photos) > 0 {
			one.Photo = &photos[0].URL
		}
		if query.Sort == "newest" {
			keys = append(keys, moment.UTC().Format("2006-01-02T15:04:05.000000-07:00"))
		} else {
			keys = append(keys, amount)
		}
		cards = append(cards, one)
	}
	if rows.Err() != nil || len(cards) <= query.Limit {
		return cards, nil, rows.Err()
	}
	cards = cards[:query.Limit]
	last := query.Limit - 1
	raw, err := json.Marshal([]any{query.Sort, keys[last], cards[last].ID})
	cursor := base64.RawURLEncoding.EncodeToString(raw)
	return cards, &cursor, err
}

func count(ctx context.Context, connection *pgxpool.Conn, query Query, config *Config) (int, facets, error) {
	found, total := map[string][]value{}, 0
	rows, err := ask(ctx, connection, query.Facets)
	if err != nil {
		return 0, facets{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var facet string
		var what, label *string
		var number int
		if err := rows.Scan(&facet, &what, &label, &number); err != nil {
			return 0, facets{}, err
		}
		if facet == "total" {
			total = number
			continue
		}
		one := value{Value: *what, Label: *what, Count: number}
		if label != nil {
			one.Label = *label
		} else if facet == "amenities" {
			one.Label = or(config.Amenities[*what], *what)
		} else if facet == "kind" {
			one.Label = or(config.Kinds[*what], *what)
		}
		found[facet] = append(found[facet], one)
	}
	for name, values := range found {
		sort.Slice(values, func(a, b int) bool {
			if name == "price" {
				first, _ := strconv.Atoi(values[a].Value)
				second, _ := strconv.Atoi(values[b].Value)
				return first < second
			}
			if values[a].Count != values[b].Count {
				return values[a].Count > values[b].Count
			}
			return values[a].Value < values[b].Value
		})
	}
	for number, one := range found["price"] {
		bucket := config.Buckets[one.Value]
		found["price"][number].Value, found["price"][number].Label = bucket.Value, bucket.Label
	}
	some := func(name string) []value { return append([]value{}, found[name]...) }
	answer := facets{some("city"), some("district"), some("amenities"), some("kind"), some("price"), []value{}}
	return total, answer, rows.Err()
}

func answer(ctx context.Context, pool *pgxpool.Pool, query Query, config *Config) ([]byte, error) {
	connection, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer connection.Release()
	if query.City.SQL != "" {
		rows, err := ask(ctx, connection, query.City)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			if err := scan(rows, map[string]any{"currency": &query.Currency}); err != nil {
				return nil, err
			}
		}
		rows.Close()
	}
	found := list{Per: query.Per, Currency: query.Currency}
	if found.Items, found.NextCursor, err = page(ctx, connection, query, config); err != nil {
		return nil, err
	}
	if found.Total, found.Facets, err = count(ctx, connection, query, config); err != nil {
		return nil, err
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err = encoder.Encode(found)
	return bytes.TrimRight(body.Bytes(), "\n"), err
}

func main() {
	raw, err := os.ReadFile(os.Getenv("LISTING_CONFIG"))
	if err != nil {
		log.Fatal(err)
	}
	var config Config
	if err := json.Unmarshal(raw, &config); err != nil {
		log.Fatal(err)
	}
	pool, err := pgxpool.New(context.Background(), os.Getenv("LISTING_DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("GET /api/catalog/spaces", func(response http.ResponseWriter, request *http.Request) {
		query, known := config.Queries[request.URL.RawQuery]
		if !known {
			http.Error(response, "not a query of this benchmark", http.StatusNotFound)
			return
		}
		body, err := answer(request.Context(), pool, query, &config)
		if err != nil {
			http.Error(response, fmt.Sprint(err), http.StatusInternalServerError)
			return
		}
		response.Header().Set("Content-Type", "application/json")
		response.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = response.Write(body)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("LISTING_PORT"), nil))
}
