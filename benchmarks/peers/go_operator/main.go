// The peer of the operator in Go: controller-runtime's usual reconciler. It tells catalog of each generation by the
// request that ours makes for one space, signed with the operator's key, and patches the status.
package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

const (
	workers = 16
	valid   = 60 * time.Second
)

var kind = schema.GroupVersionKind{Group: "mesto.dev", Version: "v1alpha1", Kind: "CoworkingSpace"}

// snake turns HotDesk and timeZone into hot_desk and time_zone.
func snake(word string) string {
	var out strings.Builder
	for place, letter := range word {
		if unicode.IsUpper(letter) {
			if place > 0 {
				out.WriteByte('_')
			}
			letter = unicode.ToLower(letter)
		}
		out.WriteRune(letter)
	}
	return out.String()
}

// contract says a spec in catalog's words: names in snake case, and the values of three enums, too.
func contract(name string, value any) any {
	switch typed := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(typed))
		for inner, one := range typed {
			out[snake(inner)] = contract(inner, one)
		}
		return out
	case []any:
		out := make([]any, len(typed))
		for place, one := range typed {
			out[place] = contract(name, one)
		}
		return out
	case string:
		if name == "kind" || name == "per" || name == "days" {
			return snake(typed)
		}
	}
	return value
}

type catalog struct {
	url  string
	key  ed25519.PrivateKey
	http http.Client
}

func newCatalog(url, keyFile string) (*catalog, error) {
	raw, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s is no PEM file", keyFile)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	private, fits := key.(ed25519.PrivateKey)
	if !fits {
		return nil, fmt.Errorf("%s is no Ed25519 key", keyFile)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: workers}
	return &catalog{url: url, key: private, http: http.Client{Transport: transport, Timeout: 10 * time.Second}}, nil
}

// bearer is a token for one request: it is good for no other method or path, and for no second request.
func (c *catalog) bearer(method, path string) (string, error) {
	head, err := json.Marshal(map[string]string{"alg": "EdDSA", "typ": "JWT", "kid": "operator"})
	if err != nil {
		return "", err
	}
	now := time.Now()
	claims, err := json.Marshal(map[string]any{
		"iss": "operator", "aud": "catalog", "iat": now.Unix(), "exp": now.Add(valid).Unix(),
		"jti": rand.Text(), "method": method, "path": path,
	})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(claims)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(c.key, []byte(text))), nil
}

// tell stores a generation in catalog.
func (c *catalog) tell(ctx context.Context, space *unstructured.Unstructured) error {
	body, err := json.Marshal(map[string]any{
		"namespace": space.GetNamespace(), "name": space.GetName(), "generation": space.GetGeneration(),
		"slug": space.GetName(), "spec": contract("spec", space.Object["spec"]),
	})
	if err != nil {
		return err
	}
	path := "/internal/spaces/" + string(space.GetUID())
	token, err := c.bearer(http.MethodPut, path)
	if err != nil {
		return err
	}
	url := c.url + path
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := c.http.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("catalog answered %d: %s", answer.StatusCode, said)
	}
	var result struct{ Outcome string }
	return json.Unmarshal(said, &result)
}

type reconciler struct {
	client.Client
	catalog *catalog
}

func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	space := &unstructured.Unstructured{}
	space.SetGroupVersionKind(kind)
	if err := r.Get(ctx, request.NamespacedName, space); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if space.GetDeletionTimestamp() != nil {
		return ctrl.Result{}, nil
	}
	if err := r.catalog.tell(ctx, space); err != nil {
		return ctrl.Result{}, err
	}
	generation := space.GetGeneration()
	patch, err := json.Marshal(map[string]any{"status": map[string]any{
		"observedGeneration": generation,
		"conditions": []any{map[string]any{
			"type": "Synced", "status": "True", "reason": "Synced", "observedGeneration": generation,
			"message":            fmt.Sprintf("Catalog has generation %d.", generation),
			"lastTransitionTime": time.Now().UTC().Format(time.RFC3339),
		}},
	}})
	if err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, r.Status().Patch(ctx, space, client.RawPatch(types.MergePatchType, patch))
}

func run() error {
	ctrl.SetLogger(zap.New())
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	config.QPS = -1 // ours has no limit of its own either
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Cache:                  cache.Options{DefaultNamespaces: map[string]cache.Config{os.Getenv("PEER_NAMESPACE"): {}}},
		Client:                 client.Options{Cache: &client.CacheOptions{Unstructured: true}},
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: "127.0.0.1:" + os.Getenv("PEER_PORT"),
	})
	if err != nil {
		return err
	}
	if err := manager.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return err
	}
	told, err := newCatalog(os.Getenv("PEER_CATALOG_URL"), os.Getenv("PEER_KEY"))
	if err != nil {
		return err
	}
	space := &unstructured.Unstructured{}
	space.SetGroupVersionKind(kind)
	err = ctrl.NewControllerManagedBy(manager).
		For(space, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(&reconciler{manager.GetClient(), told})
	if err != nil {
		return err
	}
	return manager.Start(ctrl.SetupSignalHandler())
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
